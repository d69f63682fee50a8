// A short trial of more training against the head alone, on training photos: for where their number and the head's accuracy do not decide.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "graft/fit/decide.h"

namespace graft::fit {

struct Trial {
  std::size_t trained_on = 0, judged_on = 0;  // photos, all of them of the training part
  double accuracy = 0, head_accuracy = 0;     // on those it is judged on
  double gain = 0, gain_error = 0;            // how much lower the log loss of a photo is than with the head alone: mean and its standard error

  /// With 99 % certainty: a model that is no better is not worth the longer training.
  bool pays() const { return gain > 2.326 * gain_error; }
};

/// Trains as the options and `decision` say on three quarters of (at most 2,000) training photos, solves the head on the same, and compares both on
/// the other quarter. Leaves nothing behind. Errors as fine_tune; Interrupted after Ctrl-C.
Trial try_training(const Job& job, const Probe& found, const Photos& photos, const Decision& decision);

/// From the logits of both, (photos, classes) row-major, on the photos it is judged on. With `targets` (photos, classes; Rows) of photos of any number of
/// classes: the log loss is the mean over these, and a photo is right where all of its answers are.
Trial compare(std::span<const float> trained, std::span<const float> head, std::span<const int> labels, std::span<const float> targets = {});

/// "trial on 61 held-out images: accuracy 0.934, head alone 0.951, log loss lower by 0.012 +- 0.020".
std::string to_string(const Trial& trial);
nlohmann::ordered_json to_json(const Trial& trial);

}  // namespace graft::fit
