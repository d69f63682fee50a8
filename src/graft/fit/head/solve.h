// The new layer solved for on features.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graft/fit/head/head_input.h"

namespace graft::fit {

/// By cross-validation on these rows.
head::L2Choice choose_l2(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// What cross-validation says of the penalty of the options.
head::L2Choice cross_validate(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// As training weighs these rows: by its class, and of itself; empty: all alike.
std::vector<double> weights_of(const FitConfig& config, const Rows& rows, int classes);

/// The layer on these rows, with the penalty of the options.
head::LinearHead solve(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// Part of the rows of which the layer's answer, or every one of its answers, is right.
double accuracy_of(const head::LinearHead& head, const Rows& rows, std::span<const std::string> classes);

}  // namespace graft::fit
