// How much an image of each class counts where classes differ in size.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft {

struct ClassWeights {
  enum Kind {
    none,
    balanced,   // by 1 / images of the class: every class counts the same
    effective,  // by 1 / effective number of its images, (1 - beta^n) / (1 - beta) (Cui et al. 2019): less where images resemble each other
  };
  static constexpr double kBeta = 0.999;

  constexpr ClassWeights(Kind k = none, double b = kBeta) : kind(k), beta(b) {}  // NOLINT(google-explicit-constructor): a kind alone will do

  Kind kind;
  double beta;  // of effective, in (0, 1): 0 is none, 1 is balanced
};

/// One per class, from the images of each; 1 in the mean over all images, 0 for a class without any.
std::vector<double> class_weights(std::span<const std::size_t> images, const ClassWeights& weights);

/// How many of these labels each class has.
std::vector<std::size_t> class_counts(std::span<const int> labels, std::size_t classes);

/// Of samples with any number of classes, targets (samples, classes) of 0 and 1: how much a positive of each class counts so that its positives and
/// negatives count the same, negatives / positives; 1 for a class without positives.
std::vector<double> positive_weights(std::span<const float> targets, std::size_t classes);

}  // namespace graft
