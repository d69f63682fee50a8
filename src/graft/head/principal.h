// The directions in which rows of features differ most, for a picture of them.
#pragma once

#include <cstddef>
#include <vector>

#include "graft/head/logistic.h"

namespace graft::head {

/// Principal components (Pearson 1901) of rows as they are, about their mean.
struct Principal {
  std::vector<double> mean;                     // (width)
  std::vector<std::vector<double>> directions;  // (count, width), of length 1, at right angles; the largest number of each is positive
  std::vector<double> explained;                // (count), falling: part of the rows' variance along each; 0 where they do not differ
};

/// The first `count` by subspace iteration from a fixed beginning (Golub and Van Loan, Matrix Computations, 8.2): good for a picture, not to the last digit where two variances are
/// nearly equal. The same for any number of threads. No row, or a count of 0 or above the width, is std::logic_error; errors as check_finite of design.h.
Principal principal_components(const Features& features, std::size_t count);

/// Where `features` lie along them: (rows, count).
std::vector<double> along(const Principal& components, const Features& features);

}  // namespace graft::head
