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

/// RankMe (Garrido et al. 2023), the effective rank of the features, which needs no labels: exp(entropy) of their singular values divided by the sum
/// of these, from 1, where all rows lie along one direction, to min(rows, width). The rows are taken as they are, not about their mean. Errors and
/// cost as of logme.
double effective_rank(const Features& features, ThreadPool& pool);

/// Part of the rows that their nearest other rows know the class of: the kNearest with the largest cosines vote, with the weights exp(cosine /
/// kVoteTemperature) (Wu et al. 2018, as in DINO, Caron et al. 2021). Of equal votes the first class wins. Labels and errors as fit_logistic; at least
/// two rows. Takes rows^2 * width operations.
double nearest_accuracy(const Features& features, std::span<const int> labels, int classes, ThreadPool& pool);
inline constexpr std::size_t kNearest = 20;
inline constexpr double kVoteTemperature = 0.07;

}  // namespace graft::head
