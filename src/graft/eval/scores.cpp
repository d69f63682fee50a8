#include "graft/eval/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::eval {
namespace {

template <class E>
struct ScoreOf {
  ScoreKind kind;
  double (*value)(const E&);
  std::optional<Interval> (*interval)(const E&) = nullptr;
};

/// Mean recall of the classes that occur.
double mean_recall(const MultiLabelEvaluation& e) {
  double sum = 0, supported = 0;
  for (const LabelScore& c : e.classes) {
    sum += c.recall;
    supported += c.support > 0 ? 1 : 0;
  }
  return supported > 0 ? sum / supported : sum;
}

// The one list of the scores of each task.
const std::vector<ScoreOf<Evaluation>>& list_of(const Evaluation* /*which*/) {
  static const std::vector<ScoreOf<Evaluation>> list{
      {{"accuracy", "accuracy"},
       [](const Evaluation& e) { return e.accuracy; },
       [](const Evaluation& e) { return std::optional(e.accuracy_interval); }},
      {{"balanced-accuracy", "balanced accuracy"}, [](const Evaluation& e) { return e.balanced_accuracy; }},
      {{"macro-f1", "macro F1"}, [](const Evaluation& e) { return e.macro_f1; }},
      {{"log-loss", "log loss", false}, [](const Evaluation& e) { return e.log_loss; }}};
  return list;
}

const std::vector<ScoreOf<MultiLabelEvaluation>>& list_of(const MultiLabelEvaluation* /*which*/) {
  using E = MultiLabelEvaluation;
  static const std::vector<ScoreOf<E>> list{
      {{"map", "mean average precision"}, [](const E& e) { return e.mean_average_precision; }},
      {{"micro-f1", "micro F1"}, [](const E& e) { return e.micro_f1; }},
      {{"macro-f1", "macro F1"}, [](const E& e) { return e.macro_f1; }},
      {{"accuracy", "accuracy"}, [](const E& e) { return e.subset_accuracy; }, [](const E& e) { return std::optional(e.subset_accuracy_interval); }},
      {{"balanced-accuracy", "balanced accuracy"}, mean_recall},
      {{"log-loss", "log loss", false}, [](const E& e) { return e.log_loss; }}};
  return list;
}

template <class E>
std::vector<ScoreKind> kinds_of() {
  std::vector<ScoreKind> kinds;
  for (const ScoreOf<E>& score : list_of(static_cast<const E*>(nullptr))) kinds.push_back(score.kind);
  return kinds;
}

template <class E>
const ScoreOf<E>& find(const E& evaluation, std::string_view name) {
  for (const ScoreOf<E>& score : list_of(&evaluation))
    if (score.kind.name == name) return score;
  throw std::logic_error("eval: the task has no score " + std::string(name));
}

/// Those of all tasks, each once.
template <std::size_t I = 0>
void add_kinds(std::vector<ScoreKind>& all) {
  if constexpr (I < std::variant_size_v<data::Task>) {
    for (const ScoreKind& kind : kinds_for(std::variant_alternative_t<I, data::Task>{}))
      if (std::ranges::find(all, kind.name, &ScoreKind::name) == all.end()) all.push_back(kind);
    add_kinds<I + 1>(all);
  }
}

const std::vector<ScoreKind>& all_kinds() {
  static const std::vector<ScoreKind> kinds = [] {
    std::vector<ScoreKind> all;
    add_kinds(all);
    return all;
  }();
  return kinds;
}

std::vector<std::string> names_of(std::span<const ScoreKind> kinds) {
  std::vector<std::string> names;
  for (const ScoreKind& kind : kinds) names.emplace_back(kind.name);
  return names;
}

}  // namespace

std::vector<ScoreKind> kinds_for(data::SingleLabel /*task*/) { return kinds_of<Evaluation>(); }
std::vector<ScoreKind> kinds_for(data::MultiLabel /*task*/) { return kinds_of<MultiLabelEvaluation>(); }
std::vector<ScoreKind> scores_of(const data::Task& task) {
  return std::visit([](const auto& t) { return kinds_for(t); }, task);
}

std::vector<std::string> score_names() { return names_of(all_kinds()); }

const ScoreKind& score_named(std::string_view name) {
  const auto found = std::ranges::find(all_kinds(), name, &ScoreKind::name);
  if (found == all_kinds().end()) throw std::logic_error("eval: no score " + std::string(name));
  return *found;
}

void check_score(const data::Task& task, std::string_view name, const std::string& option) {
  const std::vector<std::string> names = names_of(scores_of(task));
  if (std::ranges::find(names, name) != names.end()) return;
  const auto near = closest(name, names);
  throw usage_error(option, fmt::format("is no score of {} photos, expected {}", data::name_of(task), fmt::join(names, ", ")),
                    near ? fmt::format("did you mean {}?", *near) : "choose one of these");
}

double value_of(const AnyEvaluation& evaluation, std::string_view score) {
  return std::visit([&](const auto& e) { return find(e, score).value(e); }, evaluation);
}

std::optional<Interval> interval_of(const AnyEvaluation& evaluation, std::string_view score) {
  return std::visit(
      [&](const auto& e) {
        const auto interval = find(e, score).interval;
        return interval != nullptr ? interval(e) : std::nullopt;
      },
      evaluation);
}

AnyEvaluation evaluate(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names) {
  return std::visit([&](const auto& task) -> AnyEvaluation { return evaluate(task, truth, probabilities, class_names); }, truth.task);
}

void to_probabilities(const data::Task& task, std::span<float> logits, std::size_t classes) {
  std::visit([&](const auto& t) { make_probabilities(t, logits, classes); }, task);
}

double log_loss_of(const Truth& truth, std::size_t row, std::span<const float> probabilities) {
  return std::visit([&](const auto& task) { return log_loss_of(task, truth, row, probabilities); }, truth.task);
}

PhotoScore score_photo(const Truth& truth, std::size_t row, std::span<const float> logits) {
  return std::visit([&](const auto& task) { return score_photo(task, truth, row, logits); }, truth.task);
}

nlohmann::json to_json(const AnyEvaluation& evaluation) {
  return std::visit(
      []<class E>(const E& e) {
        nlohmann::json (*const of)(const E&) = to_json;  // its own, or this does not compile
        return of(e);
      },
      evaluation);
}

std::string to_table(const AnyEvaluation& evaluation) {
  return std::visit(
      []<class E>(const E& e) {
        std::string (*const of)(const E&) = to_table;
        return of(e);
      },
      evaluation);
}

}  // namespace graft::eval
