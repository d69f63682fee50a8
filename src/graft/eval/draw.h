// Bootstrap samples: how often each photo is drawn. A sample is a function of the seed and its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/eval/tally.h"

namespace graft::eval {

/// What is drawn as a unit, and from which strata.
struct Units {
  std::vector<std::vector<uint32_t>> photos;  // of each unit
  std::vector<std::vector<uint32_t>> strata;  // units; from each stratum as many are drawn as it has
  std::string_view drawn;                     // "photos of each class", "photos", "groups of each class" or "groups"
  bool grouped() const { return drawn.starts_with("groups"); }
};

/// groups: of each photo, empty for a photo on its own; none at all: every photo on its own. Strata are the classes if every unit has one class.
Units units_of(const Truth& truth, std::span<const std::string> groups);

/// counts[photo] becomes how often the photo is in the sample.
void draw(const Units& units, uint64_t seed, uint64_t sample, std::span<uint16_t> counts);

/// kLanes samples from `first` on, those before `last`.
std::vector<Tally> sum_up_samples(const Answered& answered, const Units& units, uint64_t seed, std::size_t first, std::size_t last);

/// How many samples are drawn by default, and whether rankings are resampled: `work` is photos times classes.
int resamples_for(double work);
bool drawn_with_rankings(double work);

}  // namespace graft::eval
