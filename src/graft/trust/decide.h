// A model's answer for a photo by its rules: the walk of this layer. `predict`, `eval` and the tables of a run use it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graft/trust/rules.h"

namespace graft::trust {

/// The network's output for one photo.
struct PhotoRow {
  std::span<const float> logits, probabilities;  // (classes)
  std::span<const float> features = {};          // (width), if they were asked for
};

struct Decision {
  std::vector<int> classes;                  // the answer: one class for SingleLabel, any number for MultiLabel, ascending
  std::optional<double> cost = {};           // its expected cost; if there are costs, by which the answer is then chosen
  std::optional<Stranger> stranger = {};     // if there is a rule for unknown photos
  std::optional<std::vector<int>> set = {};  // if there are sets: the most probable class first; for SingleLabel never empty
};

/// SingleLabel: the most probable class (the first of equal ones), or if there are costs, the one with the lowest expected cost. MultiLabel: the classes with
/// at least 50 %.
Decision decide(data::SingleLabel task, const Rules& rules, const PhotoRow& row);
Decision decide(data::MultiLabel task, const Rules& rules, const PhotoRow& row);
Decision decide(const Rules& rules, const data::Task& task, const PhotoRow& row);

/// The same for many photos; (photos, classes) and (photos, width) row-major, no features if none were asked for.
std::vector<Decision> decide_all(const Rules& rules, const data::Task& task, std::size_t classes, std::span<const float> logits,
                                 std::span<const float> probabilities, std::span<const float> features = {});

}  // namespace graft::trust
