#include "graft/cli/eval_strangers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/scan.h"
#include "graft/trust/separation.h"

namespace graft::cli {
namespace {

constexpr uint64_t kSeed = 0;  // of the bootstrap

double score_of(const trust::Decision& decision, std::span<const float> logits) {
  if (decision.stranger) return decision.stranger->score;
  return trust::strangeness({.score = trust::Strangeness::energy}, logits, {});
}

std::vector<double> scores_of(const std::vector<trust::Decision>& decisions, std::span<const float> logits, std::size_t classes) {
  std::vector<double> scores;
  for (std::size_t i = 0; i < decisions.size(); ++i) scores.push_back(score_of(decisions[i], logits.subspan(i * classes, classes)));
  return scores;
}

std::size_t unknown_of(const std::vector<trust::Decision>& decisions) {
  return static_cast<std::size_t>(std::ranges::count_if(decisions, [](const trust::Decision& d) { return d.stranger && d.stranger->unknown; }));
}

nlohmann::ordered_json share_json(std::size_t part, std::size_t photos) {
  const eval::Interval i = eval::wilson(static_cast<long>(part), static_cast<long>(photos));
  return {{"photos", photos}, {"unknown", part}, {"share", static_cast<double>(part) / static_cast<double>(photos)}, {"interval", {i.low, i.high}}};
}

std::string share_text(std::size_t part, std::size_t photos) {
  const eval::Interval i = eval::wilson(static_cast<long>(part), static_cast<long>(photos));
  return fmt::format("{} of {} ({:.1f} %, 95 % interval {:.1f} to {:.1f} %)", part, photos,
                     100 * static_cast<double>(part) / static_cast<double>(photos), 100 * i.low, 100 * i.high);
}

std::string interval_text(const eval::Interval& i) { return fmt::format("95 % interval {:.3f} to {:.3f}", i.low, i.high); }

void refuse_trained_on(const std::filesystem::path& model, const std::string& name, std::span<const Hash128> hashes) {
  const auto trained_on = artifact::read_trained_on(model);
  if (!trained_on) return;
  const std::size_t again = artifact::trained_on_of(hashes, *trained_on);
  if (again > 0)
    throw data_error(
        name,
        fmt::format("{} of its {} photos are training photos of the model, expected photos of things that it does not know", again, hashes.size()),
        "remove them: the model knows them");
}

}  // namespace

std::optional<EvalSection> unknown_section(const LabelledAnswers& answers) {
  if (!answers.card.trust.unknown) return std::nullopt;
  const trust::Unknown& rule = *answers.card.trust.unknown;
  const std::size_t unknown = unknown_of(answers.decisions), photos = answers.decisions.size();
  nlohmann::ordered_json json = share_json(unknown, photos);
  json["score"] = trust::to_string(rule.gauge.score);
  json["reject"] = rule.reject;
  return EvalSection{"unknown", std::move(json),
                     fmt::format("unknown: {}; at most {:.4g} % expected of photos like those the model was validated on\n",
                                 share_text(unknown, photos), 100 * rule.reject)};
}

EvalSection ood_section(const std::filesystem::path& model, const std::filesystem::path& strangers, const LabelledAnswers& answers,
                        const InferenceOptions& inference, const OutputOptions& output) {
  const std::string name = "--ood " + printable(strangers.string());
  const std::vector<std::filesystem::path> inputs{strangers};
  const data::ImageList listed = data::list_images(inputs, std::cin);
  const std::vector<std::filesystem::path>& paths = listed.paths;
  const auto session = artifact::open_session(model, inference.for_images(16));
  Progress progress("strangers", paths.size(), progress_style(output), "photos");
  const artifact::Predictions said = session->predict(
      paths, inference.threads, [&](std::size_t n) { progress.advance(n); }, inference.tta);
  progress.finish();
  if (!said.unreadable.empty())
    throw data_error(name, data::unreadable_error(strangers, paths.size(), said.unreadable).fact(), "repair or remove them");
  refuse_trained_on(model, name, said.hashes);
  const std::size_t classes = session->classes();
  const auto decisions = trust::decide_all(session->card().trust, session->card().task, classes, said.logits, said.probabilities, said.features);
  const trust::Separation s =
      trust::separation_of(scores_of(answers.decisions, answers.logits, classes), scores_of(decisions, said.logits, classes), kSeed);
  const auto& rule = session->card().trust.unknown;
  const trust::Strangeness score = rule ? rule->gauge.score : trust::Strangeness::energy;
  nlohmann::ordered_json json = share_json(unknown_of(decisions), paths.size());
  if (!rule)
    for (const char* key : {"unknown", "share", "interval"}) json.erase(key);
  json.update(nlohmann::ordered_json{{"score", trust::to_string(score)},
                                     {"auroc", s.auroc},
                                     {"auroc_interval", {s.auroc_interval.low, s.auroc_interval.high}},
                                     {"fpr95", s.fpr95},
                                     {"fpr95_interval", {s.fpr95_interval.low, s.fpr95_interval.high}}});
  std::string text = fmt::format("strangers in {}, {} photos, by the {}\n", printable(strangers.string()), paths.size(), trust::in_words(score));
  text += fmt::format("  AUROC  {:.4f}  {}\n", s.auroc, interval_text(s.auroc_interval));
  text += fmt::format("  FPR95  {:.4f}  {}: the fraction accepted as known when 95 % of the known photos are\n", s.fpr95,
                      interval_text(s.fpr95_interval));
  if (rule) text += fmt::format("  unknown: {}\n", share_text(unknown_of(decisions), paths.size()));
  return {"ood", std::move(json), std::move(text)};
}

}  // namespace graft::cli
