// The one list of the numbers of each task: name, direction (whether higher is better) and formula. scores.h gives them by name.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/task.h"
#include "graft/eval/tally.h"

namespace graft::eval {

/// A number by which models are compared.
struct ScoreKind {
  std::string_view name;   // in options: "balanced-accuracy"
  std::string_view title;  // in tables: "balanced accuracy"
  bool higher_is_better = true;
  double lowest = 0;  // the lowest possible value; the highest is 1 if higher is better
};

/// A share of independent photos: Wilson's interval holds for it.
struct Proportion {
  double part = 0, whole = 0;
  double value() const { return part / whole; }  // NaN of nothing
};

struct Number {
  ScoreKind kind;
  std::string_view key;             // in JSON
  bool chosen_by;                   // whether models may be chosen and compared by it
  double (*value)(const Tally& t);  // NaN where it is not defined
  Proportion (*proportion)(const Tally& t) = nullptr;
  bool in_percent = false;  // as tables have it
};

const std::vector<Number>& numbers_of(data::SingleLabel task);
const std::vector<Number>& numbers_of(data::MultiLabel task);
const std::vector<Number>& numbers_of(const data::Task& task);
/// std::logic_error where the task has no such number.
const Number& number_named(const data::Task& task, std::string_view name);
double value_of(const data::Task& task, const Tally& tally, std::string_view name);

/// Those of each class, whatever the task.
struct ClassNumber {
  std::string_view key, title;
  double (*value)(const ClassTally& c);  // NaN where it is not defined
  Proportion (*proportion)(const ClassTally& c) = nullptr;
};
inline constexpr std::size_t kClassNumbers = 5;
const std::array<ClassNumber, kClassNumbers>& class_numbers();

}  // namespace graft::eval
