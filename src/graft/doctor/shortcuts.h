// Facts beside the picture that tell its class: a model may learn them in place of what is shown (Geirhos et al. 2020, "Shortcut learning in deep neural
// networks"). Each fact alone is given to a small decision tree, for each class against the others, and the tree is cross-validated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// How well a fact alone tells a class.
struct Telling {
  std::string_view fact;  // "JPEG quality"
  std::size_t label;      // the class; where there are two that exclude each other, the first
  double accuracy;        // balanced: mean of the parts of its photos and of the others' that come out right; 0.5 is chance
  double low;             // lower end of its interval, 99 % for each side (Wilson)
};

/// Of a fact that says nothing of how the classes look, and of one that partly does (the colour of the border, bytes a pixel): the least `low` at which it is
/// said. Chance is 0.5 and exceeds neither.
inline constexpr double kTellsClearly = 0.70, kTellsVeryClearly = 0.85;

/// All classes of at least ten photos (and as many others), all facts that differ among the photos; the best first. Of copies of a picture one counts;
/// photos of a group are in the same fold. Of more than 1,000 photos of a side so many are drawn by the seed.
std::vector<Telling> tell_by_facts(const Report& report, uint64_t seed);

/// Adds a finding for each class that is told, with the fact that tells it best and the others.
void find_shortcuts(Report& report, uint64_t seed);

}  // namespace graft::doctor
