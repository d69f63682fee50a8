// AdaBN (Li et al. 2016): batch norm uses each domain's own statistics.
#pragma once

#include <memory>
#include <vector>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

/// The network with the running statistics of all its batch norms measured on these photos, by libgraft_train.so. Errors as train::library and
/// train::adapt_statistics.
graph::Graph with_statistics_of(Job& job, const graph::Graph& network, const std::vector<data::Sample>& photos, const char* what);

/// A candidate whose head is solved on the source's training photos with the source's own running statistics; the model itself gets those of the
/// target.
AdaptCandidate by_own_statistics(Job& job, const Photos& photos, const std::shared_ptr<const Domains>& seen);

}  // namespace graft::fit
