#include <fmt/format.h>

#include <vector>

#include "graft/artifact/answers.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/eval_options.h"
#include "graft/cli/eval_points.h"
#include "graft/cli/eval_report.h"
#include "graft/cli/eval_strangers.h"
#include "graft/cli/labelled_answers.h"
#include "graft/cli/mistakes.h"
#include "graft/cli/trust_report.h"
#include "graft/eval/by_group.h"

namespace graft::cli {
namespace {

const CommandText kEvalText{"graft eval",
                            "Measure a model on labeled photos: accuracy with its 95 % interval, precision and recall of each class, and the "
                            "confusion matrix; for photos with several classes, mean average precision, F1 and how often all classes are right.",
                            {"graft eval runs/cells holdout/", "graft eval model.onnx labels.csv --json",
                             "graft eval runs/cells holdout/ --csv answers.csv", "graft eval runs/skin holdout/ --groups patients.csv"}};

data::Attributes attributes_of(const EvalOptions& o, std::span<const data::Sample> samples) {
  return data::read_attributes(o.by_group, o.photos.data, samples, o.photos.source.path_column);
}

EvalSection group_section(const EvalOptions& o, const LabelledAnswers& answers) {
  const data::Attributes attributes = attributes_of(o, answers.samples);
  for (const std::string& sentence : attributes.notes) remark(o.output, sentence);
  const eval::ByGroup groups = eval::by_group(answers.truth(), answers.probabilities, answers.card.labels, attributes.list, o.by_group.group_size);
  return {"groups", eval::to_json(groups), eval::to_table(groups)};
}

eval::AnyEvaluation measured(const EvalOptions& o, const LabelledAnswers& answers) {
  const std::vector<std::string> groups = answers.groups();
  return eval::measure(answers.truth(), answers.probabilities, answers.card.labels, {.threads = o.inference.threads, .groups = groups}, o.top_k);
}

/// Sections after the evaluation. Each is empty unless the options ask for it.
std::vector<EvalSection> sections_of(const EvalOptions& o, const LabelledAnswers& answers) {
  std::vector<EvalSection> sections;
  if (auto points = points_section(o.at_recall, o.at_threshold, answers)) sections.push_back(std::move(*points));
  if (o.by_group.asked()) sections.push_back(group_section(o, answers));
  for (EvalSection& section : trust_sections(answers)) sections.push_back(std::move(section));
  if (auto unknown = unknown_section(answers)) sections.push_back(std::move(*unknown));
  if (o.ood) sections.push_back(ood_section(o.model, *o.ood, answers, o.inference, o.output));
  return sections;
}

/// Reads what is to be read of the photos before the work, so that its errors come at once.
void check(const EvalOptions& o, const data::Dataset& dataset) {
  if (o.by_group.asked()) attributes_of(o, dataset.samples);
}

void check_top(int top, const artifact::ModelCard& card) {
  const std::string asked = fmt::format("--top-k {}", top);
  if (!data::one_class_each(card.task)) throw usage_error(asked, "is for a model of one class per photo", "omit it");
  if (static_cast<std::size_t>(top) >= card.labels.size())
    throw usage_error(asked, fmt::format("the model has {} classes, so that every answer would be right", card.labels.size()),
                      fmt::format("choose at most {}", card.labels.size() - 1));
}

/// What can be wrong about the options, before the work.
void check_eval(const EvalOptions& o, const Origins& origins) {
  if (o.csv) refuse_target(*o.csv, o.force);
  if (o.errors) refuse_errors_folder(*o.errors);
  if (o.copy && !o.errors) throw usage_error("--copy", "changes how --errors writes, but --errors is not given", "pass --errors DIR, too");
  if (origin_of(origins, "top-k").given()) check_top(o.top_k, artifact::load_card(o.model));
  if (!o.at_recall.empty() || !o.at_threshold.empty()) check_points(o.at_recall, o.at_threshold, artifact::load_card(o.model).labels);
}

void write_errors(const EvalOptions& o, const LabelledAnswers& answers) {
  const std::vector<Mistake> mistakes = mistakes_of(answers);
  write_mistakes(mistakes, answers, *o.errors, o.copy);
  const std::string name = printable(o.errors->string());
  remark(o.output, mistakes.empty() ? fmt::format("{}: not made, because there is no mistake", name)
                                    : fmt::format("{}: {} to {} mistake{}, the most confident first", name, o.copy ? "copies" : "links",
                                                  with_commas(static_cast<long long>(mistakes.size())), mistakes.size() == 1 ? "" : "s"));
}

void write_csv(const EvalOptions& o, const LabelledAnswers& answers) {
  write_file(*o.csv, artifact::answers_csv(answers.samples, answers.probabilities, answers.decisions, answers.card, o.csv->parent_path()));
  remark(o.output, fmt::format("{}: the answer to each photo, the worst first", printable(o.csv->string())));
}

}  // namespace

CommandReference eval_reference() { return reference_of<EvalOptions>(kEvalText); }

int eval_command(std::span<const std::string> words) {
  const auto config = read_config<EvalOptions>(kEvalText, words);
  if (!config) return 0;
  const EvalOptions& o = config->values;
  check_eval(o, config->origins);
  AskedPhotos photos = o.photos;
  photos.check = [&](const data::Dataset& dataset) { check(o, dataset); };
  const LabelledAnswers answers = answer_labelled(o.model, photos, o.inference, o.output);
  const eval::AnyEvaluation evaluation = measured(o, answers);
  const std::vector<EvalSection> sections = sections_of(o, answers);
  print(o.output.json ? eval_json(answers, evaluation, sections) : eval_text(answers, evaluation, sections, o.all_metrics));
  if (o.csv) write_csv(o, answers);
  if (o.errors) write_errors(o, answers);
  return 0;
}

}  // namespace graft::cli
