// AdaBN (Li et al. 2016): each domain is normalised by its own statistics.
#pragma once

#include <memory>
#include <vector>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

/// The network with the statistics of all its batch norms measured on these photos, by libgraft_train.so. Errors as train::library and train::adapt_statistics.
graph::Graph with_statistics_of(Job& job, const graph::Graph& network, const std::vector<data::Sample>& photos, const char* what);

/// The head solved on the source's training photos as the network sees them by their own statistics; the model has the target's.
AdaptCandidate by_own_statistics(Job& job, const Photos& photos, const std::shared_ptr<const Domains>& seen);

}  // namespace graft::fit
