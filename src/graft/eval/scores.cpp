#include "graft/eval/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::eval {
namespace {

std::vector<ScoreKind> chosen_by(const std::vector<Number>& numbers) {
  std::vector<ScoreKind> kinds;
  for (const Number& number : numbers)
    if (number.chosen_by) kinds.push_back(number.kind);
  return kinds;
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

std::vector<ScoreKind> kinds_for(data::SingleLabel /*task*/) { return chosen_by(numbers_of(data::SingleLabel{})); }
std::vector<ScoreKind> kinds_for(data::MultiLabel /*task*/) { return chosen_by(numbers_of(data::MultiLabel{})); }
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
  throw usage_error(option, fmt::format("is not a score for {} photos, expected {}", data::name_of(task), fmt::join(names, ", ")),
                    near ? fmt::format("did you mean {}?", *near) : "choose one of these");
}

namespace {

data::Task task_for(const Evaluation& /*evaluation*/) { return data::SingleLabel{}; }
data::Task task_for(const MultiLabelEvaluation& /*evaluation*/) { return data::MultiLabel{}; }

}  // namespace

data::Task task_of(const AnyEvaluation& evaluation) {
  return std::visit([](const auto& e) { return task_for(e); }, evaluation);
}

const Numbers& numbers_in(const AnyEvaluation& evaluation) {
  return std::visit([](const auto& e) -> const Numbers& { return e.numbers; }, evaluation);
}

double value_of(const AnyEvaluation& evaluation, std::string_view score) {
  return value_of(task_of(evaluation), numbers_in(evaluation).tally, score);
}

std::optional<Interval> interval_of(const AnyEvaluation& evaluation, std::string_view score) {
  const data::Task task = task_of(evaluation);
  const Numbers& found = numbers_in(evaluation);
  const Number& number = number_named(task, score);
  if (found.intervals.resamples > 0) return found.intervals.numbers[static_cast<std::size_t>(&number - numbers_of(task).data())];
  if (number.proportion == nullptr) return std::nullopt;
  const Proportion proportion = number.proportion(found.tally);
  return wilson(static_cast<long>(proportion.part), static_cast<long>(proportion.whole));
}

AnyEvaluation evaluate(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names, int top) {
  return std::visit([&](const auto& task) -> AnyEvaluation { return evaluate(task, truth, probabilities, class_names, top); }, truth.task);
}

AnyEvaluation measure(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                      const Resampling& resampling, int top) {
  AnyEvaluation evaluation = evaluate(truth, probabilities, class_names, top);
  Intervals intervals = intervals_of(truth, probabilities, numbers_in(evaluation).tally, top, resampling);
  std::visit([&](auto& e) { e.numbers.intervals = std::move(intervals); }, evaluation);
  return evaluation;
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
