// Small symmetric systems in double precision, with as many unknowns as there are labeled photos: hundreds.
#pragma once

#include "graft/head/kernels.h"

namespace graft::head {

Block<double> copy_of(const Block<double>& a);

/// A B.
Block<double> times(const Block<double>& a, const Block<double>& b);

/// The Cholesky factor U of the symmetric positive definite A = U^T U, in its upper triangle. std::logic_error if A is not positive definite.
void factor(Block<double>& a);

/// X of U^T U X = B, in place of B.
void solve_factored(const Block<double>& u, Block<double>& b);

}  // namespace graft::head
