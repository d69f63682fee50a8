// A few labeled photos as the rules of rules.h need them: features of length 1, and all products of two of them.
#pragma once

#include <span>
#include <vector>

#include "graft/head/kernels.h"
#include "graft/head/logistic.h"

namespace graft::head {

struct FewRows {
  std::vector<float> values;  // (rows, width), each row of length 1, or zeros if there was nothing to scale
  std::vector<int> labels;    // of each row
  std::size_t width = 0, classes = 0;
  Block<double> products;     // (rows, rows): z_i . z_j
  std::vector<double> sizes;  // rows of each class

  std::size_t rows() const { return labels.size(); }
  std::size_t label(std::size_t row) const { return static_cast<std::size_t>(labels[row]); }
  Features features() const { return {values, rows(), width}; }
};

/// (x - centre) / |x - centre|, the CL2N of SimpleShot (Wang et al. 2019); with an empty
/// centre, their L2N. A row of zeros stays zeros. In place of (rows, width) `values`.
void make_unit(std::span<float> values, std::size_t width, std::span<const float> centre);

/// The mean of (rows, width) `values`.
std::vector<float> mean_of(std::span<const float> values, std::size_t width);

/// `values`: of make_unit. Every class has a row. Errors as of check_problem and check_finite (design.h).
FewRows few_rows(std::vector<float> values, std::size_t width, std::vector<int> labels, std::size_t classes);

}  // namespace graft::head
