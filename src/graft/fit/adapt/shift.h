// How far the target is from the source, and whether it has the source's classes: warnings with numbers.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/job/adaptation.h"

namespace graft::fit {

/// Classes of the source that are hardly present in the target.
struct Lacking {
  bool told;  // false if too many of the target's photos are far from every class for the predictions to be trusted
  std::vector<std::size_t> classes = {};
  bool two = false;  // whether there are only two classes: photos of a single one would need no classifier

  /// Whether it is known that the target has all classes.
  bool none_missing() const { return told && classes.empty(); }
  /// Whether a method may assume that the target has all classes.
  bool all_there() const { return none_missing() || (classes.empty() && two); }
  /// Why not, or why that is not known.
  std::string why() const;
};
/// Uses the predictions of `none`, the source's own head: methods that align whole domains pull the predictions towards the source's class shares,
/// and so hide what is missing.
Lacking lacking(Job& job, const AdaptCandidate& none);

/// The shift between the photos as the chosen candidate sees them.
Shift shift_of(Job& job, const AdaptCandidate& chosen, const Lacking& lacking);

/// A warning for each suspicious finding.
std::vector<std::string> warnings_of(const Shift& shift, const std::vector<std::string>& classes);

}  // namespace graft::fit
