// What came of photos without labels (--unlabeled).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace graft::fit {

/// A way to learn from the photos; the first of them is not to.
struct UnlabeledWay {
  std::string name;                      // "none", "own answers", "neighbors", "fixmatch"
  double accuracy = 0;                   // on the photos that judge
  double gain = 0, gain_error = 0;       // how much lower the log loss of a photo is than without these photos, and its standard error
  std::vector<std::size_t> labels = {};  // pseudo-labels by class

  static constexpr double kSure = 1.2816;  // standard errors: 90 %, one-sided

  /// Whether it is better than `none` by more than so many standard errors, and has no fewer right answers.
  bool pays(const UnlabeledWay& none, double errors) const { return accuracy >= none.accuracy && gain > errors * gain_error; }
  bool beyond_chance() const { return gain > kSure * gain_error; }
};

struct FromUnlabeled {
  std::size_t photos = 0, in_training = 0;  // learned from; left out because they are also training photos
  std::string judges;                       // "held-out training photos", "validation photos"; empty: too few to compare
  std::size_t judged_on = 0;
  std::vector<UnlabeledWay> ways;  // none first
  std::size_t chosen = 0;
  std::string reason;
  double sure = 0;                             // part of the photos that the model gives a class with a probability of at least kSureAnswer
  std::vector<std::string> classes = {};       // names
  std::vector<std::size_t> train_images = {};  // by class
  std::vector<std::string> warnings = {};

  const UnlabeledWay& taken() const { return ways[chosen]; }
};
inline constexpr double kSureAnswer = 0.95;

}  // namespace graft::fit
