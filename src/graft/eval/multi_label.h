// How good a classifier is if photos can have any number of classes: each class by itself, then all together.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/eval/evaluation.h"

namespace graft::eval {

/// From this probability on a class is predicted.
inline constexpr float kThreshold = 0.5F;

struct LabelScore {
  std::string name;
  long support, predicted, right;           // photos that have the class, are said to have it, and both
  std::optional<double> average_precision;  // as in scikit-learn's average_precision_score; none if no photo has the class
  double precision, recall, f1;             // 0 where undefined
};

struct MultiLabelEvaluation {
  long count, right;  // photos, and those with every class right
  double subset_accuracy;
  Interval subset_accuracy_interval;  // Wilson, 95 %
  double mean_average_precision;      // over the classes that occur; NaN if none does
  double micro_f1, macro_f1;          // macro: over the classes that occur or are predicted, as Evaluation
  double hamming_loss;                // fraction of single answers that are wrong
  double log_loss;                    // mean over photos and classes, probabilities clipped to 1e-7 of 0 and 1
  std::vector<LabelScore> classes;
  Numbers numbers;
};

/// probabilities and targets (0 or 1): (n, classes) row-major. Wrong sizes and no row are std::logic_error; Error (data) for a probability that is NaN or
/// infinite.
MultiLabelEvaluation evaluate_multi_label(std::span<const float> probabilities, std::span<const float> targets,
                                          std::span<const std::string> class_names);

/// What a photo adds to the log loss: the mean over the classes.
double log_loss(std::span<const float> row, std::span<const float> targets);

/// Each logit to its probability, in place.
void sigmoid(std::span<float> logits);

/// The classes of a row with at least kThreshold, ascending.
std::vector<int> above_threshold(std::span<const float> probabilities);

nlohmann::json to_json(const MultiLabelEvaluation& evaluation);

/// For a terminal: summary and a table of the classes, above 20 of the 10 weakest by average precision.
std::string to_table(const MultiLabelEvaluation& evaluation);

}  // namespace graft::eval
