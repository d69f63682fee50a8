#include "graft/cli/eval_report.h"

#include <fmt/format.h>

#include "graft/artifact/trained_on.h"

namespace graft::cli {
namespace {

/// What was measured on, before what was found.
std::string photos_text(const LabelledAnswers& a) {
  std::string text;
  const std::size_t images = a.samples.size();
  if (a.trained_on && *a.trained_on > 0)
    text += fmt::format("{} of {} were trained on: the numbers below say little about new photos\n", *a.trained_on, images);
  text +=
      fmt::format("{}, {} photo{}{}\n\n", a.measured_on(), images, images == 1 ? "" : "s",
                  a.trained_on ? "" : fmt::format("; whether the model was trained on them is not known: no {} next to it", artifact::kTrainedOn));
  return text;
}

}  // namespace

std::string eval_json(const LabelledAnswers& answers, const eval::AnyEvaluation& evaluation, const std::vector<EvalSection>& sections) {
  nlohmann::ordered_json json{{"part", answers.part},
                              {"trained_on", answers.trained_on ? nlohmann::ordered_json(*answers.trained_on) : nlohmann::ordered_json()},
                              {"under_two_classes", answers.under_two_classes}};
  json.update(nlohmann::ordered_json(eval::to_json(evaluation)));
  for (const EvalSection& section : sections) json[section.key] = section.json;
  return json.dump(2) + "\n";
}

std::string eval_text(const LabelledAnswers& answers, const eval::AnyEvaluation& evaluation, const std::vector<EvalSection>& sections,
                      bool all_metrics) {
  std::string text = photos_text(answers) + eval::to_table(evaluation);
  if (all_metrics) text += "\n" + eval::all_numbers(evaluation);
  for (const EvalSection& section : sections) text += "\n" + section.text;
  return text;
}

}  // namespace graft::cli
