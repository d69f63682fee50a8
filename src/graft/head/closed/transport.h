// Classifying photos together instead of one by one: their own distribution moves the means of the classes.
#pragma once

#include <span>
#include <vector>

#include "graft/head/closed/few_rows.h"

namespace graft::head {

/// Optimal transport between photos and classes (PT-MAP, Hu et al. 2021, without its power transform): probabilities (queries, classes) that
/// minimize the cost |z - m|^2 minus the entropy times 1 / 10, with all classes equally frequent (Sinkhorn's iteration, Cuturi 2013); then
/// every mean m moves a fifth of the way to the mean of all its rows, weighted by these; 20 times. `queries`: (queries, width) of make_unit.
std::vector<double> transport(const FewRows& rows, std::span<const float> queries);

}  // namespace graft::head
