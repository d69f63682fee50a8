// How a contender (more training) does against the head alone on the same photos: the evidence for --strategy auto.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/eval/scores.h"
#include "graft/transfer/plan.h"

namespace graft::fit {

/// A way to train more than the head; what is not given has its default.
struct Contender {
  transfer::Kind kind;
  std::string unfreeze = {};  // of partial
  std::optional<int> epochs = {};
  std::optional<double> lr = {};
  bool spare = false;  // tried only if none before it could be trained, or tried in time
};
/// "partial fine-tuning (--unfreeze 2)", "full fine-tuning (--epochs 30)".
std::string to_string(const Contender& contender);

struct Trial {
  Contender contender;
  std::size_t trained_on = 0, judged_on = 0;  // photos, all of them of the training part
  double accuracy = 0, head_accuracy = 0;     // on the photos it is judged on
  double gain = 0, gain_error = 0;            // how much lower the log loss of a photo is than with the head alone: mean and its standard error
  double chance = 1;                          // probability that its lead in right answers is luck: McNemar's exact test, one-sided
  std::string stopped = {};                   // why it was not trained to its end; empty: it was
  bool failed = false;                        // because it cannot be trained here
  bool too_long = false;                      // because it does not fit into --budget
  double training_seconds = 0;                // that the actual training would take
  std::vector<double> losses = {};            // log loss of each photo it is judged on

  /// What the smaller number of photos and epochs costs fine-tuning but not the head: on five data sets the finished model's lead over the head
  /// was 1 point (median) larger than in the trial (docs/ablations.md). It is allowed for because a lucky lead costs time but no accuracy.
  static constexpr double kHandicap = 0.01;
  static constexpr double kSure = 1.2816;  // standard errors: 90 %, one-sided

  /// No fewer right answers than the head, apart from the handicap, and not clearly a higher log loss (90 %; twice that margin with more right answers).
  bool pays() const {
    const double beyond_doubt = (accuracy > head_accuracy ? 2 : 1) * kSure * gain_error;
    return stopped.empty() && judged_on > 1 && accuracy + kHandicap > head_accuracy && gain > -beyond_doubt;
  }
};

/// Whether one trial is better than another on the same photos: no fewer right answers, and a log loss that is lower beyond doubt, photo by photo (90 %).
bool better(const Trial& trial, const Trial& than);

/// The trial that pays and that no later one beats, going through them in order; the end if none pays.
std::vector<Trial>::const_iterator best_of(const std::vector<Trial>& trials);

/// From the logits of both, (photos, classes) row-major, on the photos of the trial, by eval::score_photo.
Trial compare(std::span<const float> trained, std::span<const float> head, const eval::Truth& truth);

/// Logits (photos, classes) divided by the temperature, between 1/20 and 20, at which their log loss is lowest.
std::vector<float> at_best_temperature(std::span<const float> logits, std::span<const int> labels);

/// "full fine-tuning has 0.904 of 492 held-out photos right, the head alone 0.880; log loss lower by 0.092 +- 0.055".
std::string to_string(const Trial& trial);
nlohmann::ordered_json to_json(const Trial& trial);

}  // namespace graft::fit
