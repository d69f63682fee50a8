// How good a classifier is, from its probabilities and
// the true labels. `eval` and `fit` print these structs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/eval/intervals.h"

namespace graft::eval {

/// Part of an evaluation of any task.
struct Numbers {
  Tally tally;  // all numbers by name are formulas on it (numbers.h)
  std::vector<ReliabilityBin> reliability;
  Intervals intervals = {};  // if they were asked for
};

/// With more classes than this, the evaluation also has the fraction of photos whose class is among this many of the most probable.
inline constexpr int kTop = 5;

struct ClassScore {
  std::string name;
  long support, predicted, right;
  double precision, recall, f1;  // 0 where undefined (nothing predicted, no support)
};

struct Evaluation {
  long count, right;
  double accuracy;
  Interval accuracy_interval;
  double macro_f1;           // mean over the classes that occur in labels or predictions, as scikit-learn
  double balanced_accuracy;  // mean recall of the classes with support
  double log_loss;           // probabilities clipped to 1e-15
  int top;                   // how many count as top; 0 if that would be every class
  std::vector<ClassScore> classes;
  std::vector<long> confusion;  // (true, predicted), row-major
  Numbers numbers;
};

/// probabilities: (n, classes) row-major, one label per row. Wrong sizes, no row and labels out of range are std::logic_error; Error (data) for a
/// probability that is NaN or infinite.
Evaluation evaluate(std::span<const float> probabilities, std::span<const int> labels, std::span<const std::string> class_names, int top = kTop);

/// The class with the most photos (the first of several): the accuracy of always naming it is the accuracy to beat.
const ClassScore& largest_class(const Evaluation& evaluation);
/// The number of its photos divided by that of the smallest class that has any.
double unevenness(const Evaluation& evaluation);
/// From this unevenness on, accuracy says little about the small classes.
inline constexpr double kUneven = 3;

/// What a row of probabilities adds to the log loss: -log of its label's probability, clipped to 1e-15.
double log_loss(std::span<const float> row, int label);

/// Each row of `classes` logits to probabilities, in place; large logits do not overflow.
void softmax(std::span<float> logits, std::size_t classes);

struct Ranked {
  int label;
  float probability;
};
/// The k most probable of one row (all when k is larger), highest first, ties by index.
std::vector<Ranked> top_k(std::span<const float> probabilities, int k);

nlohmann::json to_json(const Evaluation& evaluation);

/// For a terminal: summary, a table of the classes and the confusion matrix; above 20 classes the 10 weakest classes and most confused pairs.
std::string to_table(const Evaluation& evaluation);

/// Adds every number of the task under its key, with "reliability", "intervals" and how these were found. null: undefined.
void add_numbers(const data::Task& task, const Numbers& numbers, nlohmann::json& json);
/// The same for class k.
void add_class_numbers(const Numbers& numbers, std::size_t k, nlohmann::json& json);

}  // namespace graft::eval
