// How far the target is from the source, and whether it has the source's classes: warnings, in numbers.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/job/adaptation.h"

namespace graft::fit {

/// Of the photos as the chosen candidate sees them.
Shift shift_of(Job& job, const AdaptCandidate& chosen);

/// What of it is suspicious, a sentence each.
std::vector<std::string> warnings_of(const Shift& shift, const std::vector<std::string>& classes);

}  // namespace graft::fit
