// Contenders for more training against the head alone, on training photos: the evidence that --strategy auto goes by.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// A way to train more than the head.
struct Contender {
  transfer::Kind kind;
  std::string unfreeze = {};  // of partial
};
/// "partial fine-tuning (--unfreeze 2)", "full fine-tuning".
std::string to_string(const Contender& contender);

struct Trial {
  Contender contender;
  std::size_t trained_on = 0, judged_on = 0;  // photos, all of them of the training part
  double accuracy = 0, head_accuracy = 0;     // on those it is judged on
  double gain = 0, gain_error = 0;            // how much lower the log loss of a photo is than with the head alone: mean and its standard error
  double chance = 1;                          // that as many more right answers than the head's are luck: McNemar's exact test, one-sided
  std::string stopped = {};                   // why it was not trained to its end; empty: it was
  bool failed = false;                        // of these, because it cannot be trained here
  bool too_long = false;                      // of these, because it does not fit into --budget

  /// What fewer photos and epochs than the training proper has cost fine-tuning and not the head: on five sets the finished model's lead over the head was
  /// 1 point (median) larger than the trial's (docs/ablations.md). Less than that is allowed for, since a lead by luck costs time and no accuracy.
  static constexpr double kHandicap = 0.01;

  /// Not fewer right answers than the head's but for the handicap, and no higher log loss beyond doubt (90 %; twice that with more right answers).
  bool pays() const {
    const double beyond_doubt = (accuracy > head_accuracy ? 2 : 1) * 1.2816 * gain_error;
    return stopped.empty() && judged_on > 1 && accuracy + kHandicap > head_accuracy && gain > -beyond_doubt;
  }
};

/// Trains a contender as the options say, but for seven tenths of the epochs, on three quarters of (at most 2,000) training photos, solves the head on the
/// same, and compares both on the other quarter, each at its best temperature (Guo et al. 2017). It is stopped where it falls far behind the head; only
/// where it cannot be trained here, or not be tried and trained within --budget, the next one is tried. Says beforehand what is tried and about how long it takes. At least one trial. Interrupted after
/// Ctrl-C, with what it takes to go on (trial_record.h).
std::vector<Trial> try_training(Job& job, const Probe& found, const Photos& photos, const std::vector<Contender>& contenders);

/// Photos that a trial is judged on, of so many training photos.
std::size_t judged_of(std::size_t photos);

/// From the logits of both, (photos, classes) row-major, on the photos it is judged on. With `targets` (photos, classes; Rows) of photos of any number of
/// classes: the log loss is the mean over these, and a photo is right where all of its answers are.
Trial compare(std::span<const float> trained, std::span<const float> head, std::span<const int> labels, std::span<const float> targets = {});

/// Logits (photos, classes) divided by the temperature, between 1/20 and 20, at which their log loss is lowest.
std::vector<float> at_best_temperature(std::span<const float> logits, std::span<const int> labels);

/// "full fine-tuning has 0.904 of 492 held-out photos right, the head alone 0.880; log loss lower by 0.092 +- 0.055".
std::string to_string(const Trial& trial);
nlohmann::ordered_json to_json(const Trial& trial);

}  // namespace graft::fit
