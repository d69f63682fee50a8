// How good answers are, for any task: the walk of this layer, and the one place where scores get their
// names and values. `eval`, validation during training, the trials of `fit` and the studies all use it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graft/data/task.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/multi_label.h"

namespace graft::eval {

/// The true labels of some photos; refers to vectors that must outlive it.
struct Truth {
  data::Task task = {};
  std::size_t rows = 0;                 // photos
  std::span<const int> labels = {};     // of SingleLabel: the class of each
  std::span<const float> targets = {};  // of MultiLabel: (rows, classes), 1 for each class of a photo
};

/// The evaluation of any task.
using AnyEvaluation = std::variant<Evaluation, MultiLabelEvaluation>;

/// Each row of `classes` logits to probabilities, in place.
void make_probabilities(data::SingleLabel task, std::span<float> logits, std::size_t classes);
void make_probabilities(data::MultiLabel task, std::span<float> logits, std::size_t classes);
void to_probabilities(const data::Task& task, std::span<float> logits, std::size_t classes);

/// probabilities: (rows, classes) row-major. Wrong sizes and no row are std::logic_error; Error (data) for a probability that is NaN or infinite. Without
/// intervals but those of accuracy.
Evaluation evaluate(data::SingleLabel task, const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                    int top);
MultiLabelEvaluation evaluate(data::MultiLabel task, const Truth& truth, std::span<const float> probabilities,
                              std::span<const std::string> class_names, int top);
AnyEvaluation evaluate(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names, int top = kTop);

/// The same with intervals of all numbers.
AnyEvaluation measure(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                      const Resampling& resampling, int top = kTop);

/// What a row of probabilities adds to the log loss.
double log_loss_of(data::SingleLabel task, const Truth& truth, std::size_t row, std::span<const float> probabilities);
double log_loss_of(data::MultiLabel task, const Truth& truth, std::size_t row, std::span<const float> probabilities);
double log_loss_of(const Truth& truth, std::size_t row, std::span<const float> probabilities);

/// The score of a photo's logits: its log loss (with any number of classes, the mean over them), and whether every answer is right.
struct PhotoScore {
  double log_loss;
  bool right;
};
PhotoScore score_photo(data::SingleLabel task, const Truth& truth, std::size_t row, std::span<const float> logits);
PhotoScore score_photo(data::MultiLabel task, const Truth& truth, std::size_t row, std::span<const float> logits);
PhotoScore score_photo(const Truth& truth, std::size_t row, std::span<const float> logits);

/// The scores of a task. A name that two tasks share means the same: accuracy is the fraction of photos with every answer right.
std::vector<ScoreKind> kinds_for(data::SingleLabel task);
std::vector<ScoreKind> kinds_for(data::MultiLabel task);
std::vector<ScoreKind> scores_of(const data::Task& task);

/// The names of all scores of all tasks, each once: the values of an option before the task is known.
std::vector<std::string> score_names();

/// std::logic_error for a name that no task has.
const ScoreKind& score_named(std::string_view name);

/// Error (usage) if the task has no such score, naming those it has and the nearest one. `option`: as it was given, "--stop-metric map".
void check_score(const data::Task& task, std::string_view name, const std::string& option);

/// The value of a score that the evaluation's task has (otherwise std::logic_error). NaN if it is undefined.
double value_of(const AnyEvaluation& evaluation, std::string_view score);
/// 95 %, as found by measure(); after evaluate() only Wilson's interval of the accuracy.
std::optional<Interval> interval_of(const AnyEvaluation& evaluation, std::string_view score);
data::Task task_of(const AnyEvaluation& evaluation);
const Numbers& numbers_in(const AnyEvaluation& evaluation);

nlohmann::json to_json(const AnyEvaluation& evaluation);
std::string to_table(const AnyEvaluation& evaluation);
/// "balanced accuracy  95.1 % (91.5 to 98.0 %)", the title in `width` columns; without an end.
std::string number_line(const AnyEvaluation& evaluation, std::string_view name, std::size_t width);
/// Every number with its interval, those of each class, and the bins of confidence.
std::string all_numbers(const AnyEvaluation& evaluation);

}  // namespace graft::eval
