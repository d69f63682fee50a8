// How well frozen features suit labels, without fitting a head: the scores by which papers rank pretrained networks.
#pragma once

#include <span>

#include "graft/base/thread_pool.h"
#include "graft/head/logistic.h"

namespace graft::head {

/// LogME (You et al. 2021): the logarithm of the evidence of a linear regression of each class's indicator on the features, per row, at the
/// precisions that make it largest (at most 11 steps of MacKay's fixed point, as the authors do); the mean over the classes that have rows. Higher
/// is better. Labels as fit_logistic; at least 2 rows. Errors as fit_logistic. Takes min(rows, width)^3 operations.
double logme(const Features& features, std::span<const int> labels, int classes, ThreadPool& pool);

/// The H-score (Bao et al. 2019): the trace of cov(features)^-1 cov(mean features of the row's class), from 0 to classes - 1. Higher is better.
/// `shrunk`: with the features' covariance shrunk towards a multiple of the identity (Ledoit and Wolf 2004), as Ibrahim et al. (2022) do, for with
/// no more rows than features the plain one is classes - 1 whatever they are. Labels, errors and cost as of logme.
double h_score(const Features& features, std::span<const int> labels, int classes, bool shrunk, ThreadPool& pool);

}  // namespace graft::head
