// From sums of rows to a layer.
#pragma once

#include <span>

#include "graft/head/closed/few_rows.h"

namespace graft::head {

/// weights: (rows, classes), the coefficient of each row in the weights of each class.
LinearHead layer_of(const FewRows& rows, const Block<double>& weights, std::span<const double> bias);

}  // namespace graft::head
