// Subsets of the training photos with the same share of every class, for trials before the actual training.
#pragma once

#include <utility>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

std::vector<data::Sample> at(const std::vector<data::Sample>& samples, const std::vector<std::size_t>& rows);

/// Such a subset of these rows of `samples`, and the other rows; both ascending if `rows` are. A function of the photos' names and the seed.
std::pair<std::vector<std::size_t>, std::vector<std::size_t>> divide(const Job& job, const std::vector<data::Sample>& samples,
                                                                     const std::vector<std::size_t>& rows, double fraction);

/// Rows of at most about `most` of the samples.
std::vector<std::size_t> some_of(const Job& job, const std::vector<data::Sample>& samples, std::size_t most);

}  // namespace graft::fit
