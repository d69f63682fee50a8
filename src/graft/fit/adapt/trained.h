// A bottleneck and a new layer trained by steps on frozen features of both domains, by the terms of `train` that bring the domains together.
#pragma once

#include <memory>

#include "graft/fit/adapt/candidates.h"
#include "graft/train/config.h"

namespace graft::fit {

/// The last features of `seen` must be all that there is of them: no stages, no mirror image. Nothing is written: it takes seconds, and an interrupted one begins again.
/// Error (data) where libgraft_train.so is not here; errors as train::train; Interrupted.
AdaptCandidate trained(Job& job, std::shared_ptr<const Domains> seen, train::Adaptation adaptation);

}  // namespace graft::fit
