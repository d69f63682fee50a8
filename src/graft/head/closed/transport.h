// Photos answered together instead of one by one: their own distribution moves the classes' means.
#pragma once

#include <span>
#include <vector>

#include "graft/head/closed/few_rows.h"

namespace graft::head {

/// Optimal transport between photos and classes (PT-MAP, Hu et al. 2021, without its power transform): probabilities (queries, classes) at the least cost |z - m|^2 with the entropy
/// weighed by 1 / 10, each class having as many of the photos as another (Sinkhorn's iteration, Cuturi 2013); then every mean m moves by a fifth of the way to that of all its
/// rows, weighed by these; 20 times. `queries`: (queries, width) of make_unit.
std::vector<double> transport(const FewRows& rows, std::span<const float> queries);

}  // namespace graft::head
