// Weights for the rows of a source with which it resembles a target: density ratios from a classifier
// that tells the two apart (Bickel, Brückner and Scheffer 2009; Sugiyama, Suzuki and Kanamori 2012).
#pragma once

#include <cstdint>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/logistic.h"

namespace graft::head {

struct Importance {
  std::vector<double> weights;  // of the source's rows, with mean 1
  double accuracy;              // of the classifier on held-out rows, averaged over source and target: 0.5 is chance
  double l2;
  std::size_t clipped;    // truncated weights
  double effective_size;  // (sum of weights)^2 / sum of their squares: the equivalent number of rows of equal weight (Kish 1965)
};

/// Fewest rows of either.
inline constexpr std::size_t kFewestOfDomain = 5;

/// w = p(target | x) / p(source | x) * rows of source / rows of target, from logistic regressions on 4 of 5 folds each, so that
/// none judges a row it was solved on; L2 by choose_l2. Truncated above sqrt(rows of source) times the mean (truncated importance
/// sampling, Ionides 2008). std::logic_error for other widths or fewer than kFewestOfDomain rows; errors as choose_l2.
Importance importance(const Features& source, const Features& target, uint64_t seed, ThreadPool& pool);

/// As Importance has it.
double effective_size(std::span<const double> weights);

}  // namespace graft::head
