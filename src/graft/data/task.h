// What the model is to say about a photo: one plain struct per task, like the operators of a network. Whatever depends on it is a walk: one overload
// per struct, through std::visit without a default, so a task that some layer has forgotten does not compile. A function of a Task has another name
// than the overloads it calls, or other parameters: a struct becomes a Task by itself, and a walk that lacks it would call itself. The walks:
//
//   data      task_labels.h        labels read, numbered, dealt into parts, checked
//   head      problem.h            the layer solved for, its penalty cross-validated
//   eval      scores.h             logits to probabilities, scores by name with their intervals, table, JSON
// trust     decide.h               a model's answer for a photo by its rules
//   artifact  answer_lines.h, answers.h    answers as JSON, CSV and text, of photos alone and beside their labels
//   train     loss.h, terms/by_labels.h    targets, loss, what counts as right
#pragma once

#include <optional>
#include <string_view>
#include <variant>

namespace graft::data {

/// A photo has one class: softmax.
struct SingleLabel {
  static constexpr std::string_view kName = "single-label";
  static constexpr bool kOneClassEach = true;  // a class is the label of a photo, so that photos can be counted by it and answers ranked
  bool operator==(const SingleLabel&) const = default;
};

/// Any number of them: the logistic function of each logit.
struct MultiLabel {
  static constexpr std::string_view kName = "multi-label";
  static constexpr bool kOneClassEach = false;
  bool operator==(const MultiLabel&) const = default;
};

/// The default task is SingleLabel.
using Task = std::variant<SingleLabel, MultiLabel>;

inline std::string_view name_of(const Task& task) {
  return std::visit([](const auto& t) { return t.kName; }, task);
}

inline bool one_class_each(const Task& task) {
  return std::visit([](const auto& t) { return t.kOneClassEach; }, task);
}

/// The task of that name.
template <std::size_t I = 0>
std::optional<Task> task_named(std::string_view name) {
  if constexpr (I < std::variant_size_v<Task>) {
    using Alternative = std::variant_alternative_t<I, Task>;
    return name == Alternative::kName ? std::optional<Task>(Alternative{}) : task_named<I + 1>(name);
  }
  return std::nullopt;
}

}  // namespace graft::data
