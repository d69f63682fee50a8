// Which candidate, without labels of the target.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/job/adaptation.h"

namespace graft::fit {

/// What is known of each candidate, the first of which the others are compared with. Rows: as many as candidates, at least one.
std::vector<MethodFacts> judge(Job& job, const std::vector<AdaptCandidate>& candidates);

/// A method and why.
struct Choice {
  std::size_t method;
  std::string reason;
};
/// Abstains, that is, keeps the first method, unless another one's answers say more of the target's photos (information maximisation) and lead back to the
/// source better, both beyond what the drawing of the photos explains. Of several such ones the one that leads back best.
Choice choose_method(const std::vector<MethodFacts>& methods);

}  // namespace graft::fit
