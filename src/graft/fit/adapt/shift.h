// How far the target is from the source, and whether it has the source's classes: warnings, in numbers.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/job/adaptation.h"

namespace graft::fit {

/// Classes of the source that the target has hardly any of.
struct Lacking {
  bool told;  // false where too many of the target's photos are far from every class for the answers to be believed
  std::vector<std::size_t> classes = {};
};
/// By the answers of `none`, the source's own head: methods that align whole domains pull the answers to the source's parts, and so hide what is missing.
Lacking lacking(Job& job, const AdaptCandidate& none);

/// Of the photos as the chosen candidate sees them.
Shift shift_of(Job& job, const AdaptCandidate& chosen, const Lacking& lacking);

/// What of it is suspicious, a sentence each.
std::vector<std::string> warnings_of(const Shift& shift, const std::vector<std::string>& classes);

}  // namespace graft::fit
