#include <fmt/format.h>

#include <vector>

#include "graft/artifact/answers.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/eval_options.h"
#include "graft/cli/eval_report.h"
#include "graft/cli/labelled_answers.h"

namespace graft::cli {
namespace {

const CommandText kEvalText{
    "graft eval",
    "Measure a model on labelled images: accuracy with its 95 % interval, precision and recall of each class, what is taken for what; of a model of "
    "several classes a photo, mean average precision, F1 and how often all of them are right.",
    {"graft eval runs/cells holdout/", "graft eval model.onnx labels.csv --json", "graft eval runs/cells holdout/ --csv answers.csv"}};

/// What is told behind the evaluation. Each is empty where the options do not ask for it.
std::vector<EvalSection> sections_of(const EvalOptions& /*options*/, const LabelledAnswers& /*answers*/) { return {}; }

void write_csv(const EvalOptions& o, const LabelledAnswers& answers) {
  write_file(*o.csv, artifact::answers_csv(answers.samples, answers.probabilities, answers.decisions, answers.card, o.csv->parent_path()));
  remark(o.output, fmt::format("{}: the answer to each image, the worst first", printable(o.csv->string())));
}

}  // namespace

CommandReference eval_reference() { return reference_of<EvalOptions>(kEvalText); }

int eval_command(std::span<const std::string> words) {
  const auto config = read_config<EvalOptions>(kEvalText, words);
  if (!config) return 0;
  const EvalOptions& o = config->values;
  if (o.csv) refuse_target(*o.csv, o.force);
  const LabelledAnswers answers = answer_labelled(o.model, {o.data, o.part, o.source, o.skip_unreadable}, o.inference, o.output);
  const eval::AnyEvaluation evaluation = eval::evaluate(answers.truth(), answers.probabilities, answers.card.labels);
  const std::vector<EvalSection> sections = sections_of(o, answers);
  print(o.output.json ? eval_json(answers, evaluation, sections) : eval_text(answers, evaluation, sections));
  if (o.csv) write_csv(o, answers);
  return 0;
}

}  // namespace graft::cli
