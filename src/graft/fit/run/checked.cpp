#include "graft/fit/run/checked.h"

#include <fmt/format.h>

#include "graft/fit/head/probe.h"
#include "graft/fit/run/rules.h"
#include "graft/fit/run/verify.h"

namespace graft::fit {
namespace {

/// After bf16 was chosen. What the user asked for stays, so that config.toml repeats the run.
void choose_float32(Configured<FitConfig>& config) {
  if (origin_of(config.origins, "precision").given()) return;
  config.values.precision = engine::Precision::float32;
  config.origins.insert_or_assign("precision", Origin{Source::chosen, "in bf16 the features and the written model disagree"});
}

/// What write_checked does, but for the rules.
artifact::Predictions write_and_check(Job& job, const Start& start, const Photos& photos, const std::optional<graph::HeadInput>& input,
                                      RunFiles& files, Outcome& outcome, const std::filesystem::path& folder, const data::EachImage& each) {
  const std::filesystem::path model = folder / "model.onnx";
  const auto check = [&](engine::Precision seen) {
    write_model(folder, files);
    return verify(model, photos.val, outcome.val_logits, seen, job.config.values.threads, job.begin("check", photos.val.size()), each);
  };
  Verified found = check(files.card.precision);
  if (found.same) return std::move(found.predictions);
  const engine::Precision seen = files.card.precision;
  files.card.precision = engine::Precision::float32;
  const std::string difference = to_text(found.difference);
  if (input) {
    job.note(fmt::format("in bf16 the features and the written model disagree ({}): features are computed in float32 and the head is solved again",
                         difference));
    choose_float32(job.config);
    outcome = head_in_float32(job, *input, start);
    if (files.card.trust.calibration) divide(outcome, files.card.trust.calibration->temperature);
    return check(files.card.precision).predictions;
  }
  if (found.precision == engine::Precision::bf16) {
    job.note(fmt::format("in bf16 the model would not answer as in training ({}): it runs in float32", difference));
    found = check(seen);
  } else {
    write_model(folder, files);
  }
  if (is_broken(found.difference)) throw wrong_model(model, found.difference);
  if (!found.same)
    job.note(fmt::format("the model in float32 answers differently than training in bf16 did ({}): the numbers below are measured on the model",
                         to_text(found.difference)));
  return std::move(found.predictions);
}

}  // namespace

artifact::Predictions write_checked(Job& job, const Start& start, const Photos& photos, const std::optional<graph::HeadInput>& input, RunFiles& files,
                                    Outcome& outcome, const std::filesystem::path& folder, const data::EachImage& each) {
  const engine::Precision seen = files.card.precision;
  artifact::Predictions said = write_and_check(job, start, photos, input, files, outcome, folder, each);
  std::optional<trust::Unknown>& rule = files.card.trust.unknown;
  if (rule && files.card.precision != seen) {
    rule = trust::find_threshold(std::move(*rule), said.logits, said.features, photos.val.size(), rule->on);
    write_model(folder, files);
  }
  return said;
}

}  // namespace graft::fit
