// How much a photo of each class counts if classes differ in size.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft {

struct ClassWeights {
  enum Kind {
    none,
    balanced,   // by 1 / images of the class: every class counts the same
    effective,  // by 1 / effective number of its photos, (1 - beta^n) / (1 - beta) (Cui et al. 2019): weaker, because photos resemble each other
  };
  static constexpr double kBeta = 0.999;

  constexpr ClassWeights(Kind k = none, double b = kBeta) : kind(k), beta(b) {}  // NOLINT(google-explicit-constructor): a kind alone will do

  Kind kind;
  double beta;  // for effective, in (0, 1): 0 is none, 1 is balanced
};

/// One per class, from its number of photos; the mean over all photos is 1; 0 for a class without photos.
std::vector<double> class_weights(std::span<const std::size_t> images, const ClassWeights& weights);

/// How many of these labels each class has.
std::vector<std::size_t> class_counts(std::span<const int> labels, std::size_t classes);

/// For samples with any number of classes, targets (samples, classes) of 0 and 1: the weight of a positive of each
/// class with which its positives and negatives count the same, negatives / positives; 1 for a class without positives.
std::vector<double> positive_weights(std::span<const float> targets, std::size_t classes);

}  // namespace graft
