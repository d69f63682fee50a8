// Solving for the new layer on features.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graft/fit/head/head_input.h"

namespace graft::fit {

/// By cross-validation on these rows.
head::L2Choice choose_l2(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// The cross-validation result for the penalty in the options.
head::L2Choice cross_validate(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// The weights of these rows in training, by class and by photo; empty: all alike.
std::vector<double> weights_of(const FitConfig& config, const Rows& rows, int classes);

/// The layer on these rows, with the penalty of the options.
head::LinearHead solve(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// Fraction of the rows for which the layer's answer, or every one of its answers, is right.
double accuracy_of(const head::LinearHead& head, const Rows& rows, std::span<const std::string> classes);

}  // namespace graft::fit
