// How well a score of strangeness separates strangers from photos of known classes.
#pragma once

#include <cstdint>
#include <span>

#include "graft/eval/evaluation.h"

namespace graft::trust {

/// Probability that a stranger has the higher score, ties as a half (Hanley and McNeil 1982). Neither may be empty.
double auroc_of(std::span<const double> known, std::span<const double> strangers);

struct Separation {
  double auroc;
  eval::Interval auroc_interval;
  double fpr95;  // fraction of the strangers accepted as known when 95 % of the known photos are (Hendrycks and Gimpel 2017)
  eval::Interval fpr95_interval;
};

/// 95 % intervals: percentiles of 1,000 bootstrap samples of the known photos and of the strangers (Efron 1979).
Separation separation_of(std::span<const double> known, std::span<const double> strangers, uint64_t seed);

}  // namespace graft::trust
