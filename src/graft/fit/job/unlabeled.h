// Photos without labels that a fit also learns from (--unlabeled), and what came of it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "graft/base/hash.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// The smallest number of photos of --unlabeled.
inline constexpr std::size_t kFewestUnlabeled = 16;

/// Error (usage) for --semi without --unlabeled, and for options that contradict these.
void check_unlabeled(Configured<FitConfig>& config);

/// Lists the photos of --unlabeled in the job, whose labeled photos must be open. Errors as data::list_images; also for fewer than kFewestUnlabeled.
void open_unlabeled(Job& job);

/// Error (data) if photos of --unlabeled are also validation photos, by which the model is measured. Those that are also training photos are left out,
/// with a note. `hashes`: of the readable photos, the first `train` of them of training, then validation.
void set_unlabeled_apart(Job& job, std::span<const Hash128> hashes, std::size_t train);

/// Error (data) if too few of the photos are left, those that cannot be read or are also training photos being left out.
void check_enough_unlabeled(const Job& job);

/// A way to learn from the photos; the first of them is not to.
struct UnlabeledWay {
  std::string name;                      // "none", "own answers", "neighbors", "fixmatch"
  double accuracy = 0;                   // on the photos that judge
  double gain = 0, gain_error = 0;       // how much lower the log loss of a photo is than without these photos, and its standard error
  std::vector<std::size_t> labels = {};  // pseudo-labels by class

  static constexpr double kSure = 1.2816;  // standard errors: 90 %, one-sided

  /// Whether it is better beyond chance than `none`, and has no fewer right answers.
  bool pays(const UnlabeledWay& none) const { return accuracy >= none.accuracy && gain > kSure * gain_error; }
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

/// Chooses among the ways: of those that pay the one with the lowest log loss, else none; `named`: the best one that is not none, with a warning if it
/// does not pay. Without judges none, or if `named` the last. Fills in chosen and reason, and adds to the warnings.
void choose_way(FromUnlabeled& found, bool named);

/// The entry in history.json and in the output of --json.
nlohmann::ordered_json to_json(const FromUnlabeled& found);

/// The entry of the model's card.
nlohmann::ordered_json provenance_of(const Job& job, const FromUnlabeled& found);

}  // namespace graft::fit
