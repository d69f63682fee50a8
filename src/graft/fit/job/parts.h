// Parts of the training photos, of every class the same share: for what is tried out before the training proper.
#pragma once

#include <utility>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

std::vector<data::Sample> at(const std::vector<data::Sample>& samples, const std::vector<std::size_t>& rows);

/// Of these rows of `samples` such a part, and the others; both ascending where `rows` are. A function of the photos' names and the seed.
std::pair<std::vector<std::size_t>, std::vector<std::size_t>> divide(const Job& job, const std::vector<data::Sample>& samples,
                                                                     const std::vector<std::size_t>& rows, double fraction);

/// Rows of at most about `most` of the samples.
std::vector<std::size_t> some_of(const Job& job, const std::vector<data::Sample>& samples, std::size_t most);

}  // namespace graft::fit
