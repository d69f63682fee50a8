// What a model says to a photo by its rules: the walk of this layer. `predict`, `eval` and the tables of a run obey it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graft/trust/rules.h"

namespace graft::trust {

/// What the network gives for one photo.
struct PhotoRow {
  std::span<const float> logits, probabilities;  // (classes)
  std::span<const float> features = {};          // (width), where they were asked for
};

struct Decision {
  std::vector<int> classes;                  // what is said: of SingleLabel one, of MultiLabel any number, ascending
  std::optional<double> cost = {};           // expected, of that; where there are costs, by which it was then chosen
  std::optional<Stranger> stranger = {};     // where there is a rule of strangers
  std::optional<std::vector<int>> set = {};  // where there are sets: the most probable first; of SingleLabel never empty
};

/// SingleLabel: the most probable class, the first of equal ones, or where there are costs the one that costs least. MultiLabel: the classes from 50 % on.
Decision decide(data::SingleLabel task, const Rules& rules, const PhotoRow& row);
Decision decide(data::MultiLabel task, const Rules& rules, const PhotoRow& row);
Decision decide(const Rules& rules, const data::Task& task, const PhotoRow& row);

/// Of photos; (photos, classes) and (photos, width) row-major, no features where none were asked for.
std::vector<Decision> decide_all(const Rules& rules, const data::Task& task, std::size_t classes, std::span<const float> logits,
                                 std::span<const float> probabilities, std::span<const float> features = {});

}  // namespace graft::trust
