// How well the scores of one class rank the photos that have it above those that do not: area under the ROC
// curve and average precision, for photos that count once each or, in the bootstrap, any number of times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace graft::eval {

/// Photos in the order of their scores, the highest first: the photo's number with a bit for each of the following.
inline constexpr uint32_t kHasClass = 1U << 31U, kEndsTie = 1U << 30U;  // the photo has the class; the next one has another score
inline constexpr uint32_t kPhotoBits = kEndsTie - 1;
using Ranking = std::vector<uint32_t>;

/// scores[i * stride] and has[i] of photo i; fewer than 2^30 photos.
Ranking rank(const float* scores, std::size_t stride, const std::vector<bool>& has);

/// NaN: not defined.
struct RankingScores {
  double auroc;  // probability that a photo with the class has a higher score than one without it, ties as a half (Hanley and McNeil 1982)
  double average_precision;  // sum over thresholds of (recall - recall before) * precision, ties at once
};

/// Of photos that count once each.
RankingScores score_ranking(const Ranking& ranking);

/// Of kLanes sets of counts at once: counts[photo * kLanes + lane].
inline constexpr std::size_t kLanes = 8;
void score_ranking(const Ranking& ranking, std::span<const uint16_t> counts, std::span<RankingScores, kLanes> scores);

}  // namespace graft::eval
