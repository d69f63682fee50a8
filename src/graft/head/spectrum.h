// Symmetric eigenvalue problems for which only the eigenvalues, and a few vectors in the space of the eigenvectors, are needed.
#pragma once

#include <cstddef>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/kernels.h"

namespace graft::head {

/// A = V diag(values) V^T, and V^T B.
struct Spectrum {
  std::vector<double> values;  // in no order
  Block<double> seen;          // (values, columns of B): row j: the products of eigenvector j with each column of B
};

/// Of the symmetric A (n, n), of which the lower triangle is read, and B (n, any): Householder's tridiagonal form, then QL with implicit shifts
/// (Golub and Van Loan, Matrix Computations, 8.3) whose rotations meet B and no eigenvectors. The same for any number of threads. Not finite:
/// std::logic_error.
Spectrum spectrum_of(Block<double> a, Block<double> b, ThreadPool& pool);

}  // namespace graft::head
