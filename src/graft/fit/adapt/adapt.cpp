#include "graft/fit/adapt/adapt.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graft/artifact/answers.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/fit/adapt/candidates.h"
#include "graft/fit/adapt/judge.h"
#include "graft/fit/adapt/map.h"
#include "graft/fit/adapt/shift.h"
#include "graft/fit/adapt/statistics.h"
#include "graft/fit/adapt/translated.h"
#include "graft/fit/run/verify.h"
#include "graft/trust/decide.h"

namespace graft::fit {
namespace {

/// None first; of auto those that are compared.
std::vector<AdaptCandidate> candidates(Job& job, const Photos& photos, const Probe& probe, const std::shared_ptr<const Domains>& seen,
                                       Outcome& outcome) {
  const AdaptOptions& options = job.config.values.adapt;
  std::vector<AdaptCandidate> list;
  list.push_back(as_it_is(job, probe, seen));
  if (options.method == AdaptMethod::automatic || options.method == AdaptMethod::coral) list.push_back(recoloured(job, probe, seen));
  if (options.method == AdaptMethod::adabn) list.push_back(by_own_statistics(job, photos, seen));
  if (options.method == AdaptMethod::cyclegan) list.push_back(translated(job, photos, probe, seen));
  if (options.trains()) list.push_back(trained(seen, options.training(), std::move(outcome)));
  return list;
}

/// Those that are no matter of the shift.
void add_warnings(const Job& job, const AdaptCandidate& taken, Adaptation& found) {
  const auto add = [&](const std::vector<std::string>& more) { found.warnings.insert(found.warnings.end(), more.begin(), more.end()); };
  if (found.chosen > 0 && job.config.values.adapt.method != AdaptMethod::automatic) add(doubts_about(found.taken(), found.methods.front()));
  found.always = always_one(job, taken);
  add(warnings_of(found.always, found.taken()));
  found.test_in_target = job.test_in_target;
  if (found.test_in_target > 0)
    add(
        {fmt::format("{} of the {} photos of --target-test are also in --target: for these the accuracy by labels is that of photos that were "
                     "adapted to, not of new "
                     "ones",
                     found.test_in_target, found.test_photos)});
}

}  // namespace

Lacking look_for_missing(Job& job, const Probe& probe, const std::shared_ptr<const Domains>& seen) {
  const Lacking missing = lacking(job, as_it_is(job, probe, seen));
  if (job.config.values.adapt.training() == train::Adaptation::shot && !missing.none_missing()) choose(job.config, "diversity", 0.0, missing.why());
  return missing;
}

Adapted adapt(Job& job, const Photos& photos, const Probe& probe, const std::shared_ptr<const Domains>& seen, const Lacking& missing,
              Outcome& outcome, Start& start) {
  const FitConfig& c = job.config.values;
  std::vector<AdaptCandidate> list = candidates(job, photos, probe, seen, outcome);
  Adapted adapted{.found = {.source_photos = probe.train.labels.size(),
                            .target_photos = job.target.size(),
                            .test_photos = job.target_test.size(),
                            .methods = judge(job, list)}};
  Choice choice{list.size() - 1, "you asked for it"};
  if (c.adapt.method == AdaptMethod::automatic) choice = choose_method(adapted.found.methods, missing);
  adapted.found.chosen = choice.method;
  adapted.found.reason = choice.reason;
  adapted.found.classes = job.splits.classes;
  AdaptCandidate& taken = list[choice.method];
  adapted.found.shift = shift_of(job, taken, missing);
  adapted.found.warnings = warnings_of(*adapted.found.shift, job.splits.classes);
  add_warnings(job, taken, adapted.found);
  adapted.map = feature_map(job, photos.train, taken, choice.method > 0 && !taken.aligned);
  if (c.adapt.trains()) adapted.found.epochs = epochs_of(list.back().outcome.history, list.back().outcome.kept_epoch);
  adapted.by_steps = taken.outcome.epochs > 0;
  if (c.adapt.trains() && !adapted.by_steps)
    std::rotate(start.phases.begin(), start.phases.begin() + 1, start.phases.end());  // the head's comes first
  outcome = std::move(taken.outcome);
  adapted.test_logits = std::move(taken.test_logits);
  adapted.translation = std::move(taken.translation);
  if (adapted.translation) adapted.found.translation = TranslationFacts{adapted.translation->size, adapted.translation->history};
  return adapted;
}

nlohmann::ordered_json provenance_of(const Job& job, const Adaptation& adaptation) {
  return {{"method", adaptation.taken().name},
          {"target", {{"name", printable(job.config.values.adapt.target->filename().string())}, {"images", adaptation.target_photos}}}};
}

eval::AnyEvaluation measure_on_target(const Job& job, const artifact::ModelCard& card, const std::filesystem::path& folder,
                                      std::span<const float> logits, const char* file) {
  const FitConfig& c = job.config.values;
  const Verified said =
      verify(folder / "model.onnx", job.target_test, logits, c.precision, c.threads, job.begin("check on the target", job.target_test.size()));
  const std::vector<trust::Decision> decisions = trust::decide_all(card.trust, card.task, card.labels.size(), said.predictions.logits,
                                                                   said.predictions.probabilities, said.predictions.features);
  write_file(folder / file, artifact::answers_csv(job.target_test, said.predictions.probabilities, decisions, card, *c.out), Sync::later);
  const std::vector<int> labels = data::labels_of(job.target_test);
  return eval::measure({job.splits.task, labels.size(), labels, {}}, said.predictions.probabilities, job.splits.classes, {.threads = c.threads});
}

void write_adaptation(const Job& job, const artifact::ModelCard& card, const std::filesystem::path& folder, Adapted& adapted) {
  write_file(folder / kFeatureMap, adapted.map.dump() + "\n", Sync::later);
  if (adapted.translation) write_translated(job, *adapted.translation, folder);
  if (!job.target_test.empty()) adapted.found.test = measure_on_target(job, card, folder, adapted.test_logits, "target_predictions.csv");
}

}  // namespace graft::fit
