// Facts other than the picture that tell its class: a model may learn them instead of what is shown (Geirhos et al. 2020, "Shortcut
// learning in deep neural networks"). A small decision tree on each single fact, for each class against the others, is cross-validated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// How well a single fact tells a class.
struct Telling {
  std::string_view fact;  // "JPEG quality"
  std::size_t label;      // the class; if there are only two that exclude each other, the first
  double accuracy;        // balanced: the mean of the fractions of its photos and of the others that are right; 0.5 is chance
  double low;             // lower end of its interval, 99 % for each side (Wilson)
};

/// The smallest `low` at which a fact is reported: for one that says nothing about how the classes
/// look, and for one that partly does (the color of the border, bytes per pixel). Chance is 0.5.
inline constexpr double kTellsClearly = 0.70, kTellsVeryClearly = 0.85;

/// All classes of at least ten photos (and as many others), all facts that differ among the photos; the best first. Only one of several
/// copies counts; photos of a group are in the same fold. If a side has more than 1,000 photos, that many are drawn by the seed.
std::vector<Telling> tell_by_facts(const Report& report, uint64_t seed);

/// Adds a finding for each class that facts give away, with the fact that tells it best and the others.
void find_shortcuts(Report& report, uint64_t seed);

}  // namespace graft::doctor
