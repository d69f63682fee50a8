#include "graft/eval/ranking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace graft::eval {
namespace {

/// An integer that is smaller the higher the score is; equal for equal ones, -0 and 0 among them.
uint32_t key_of(float score) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0F);
  return (bits >> 31U) != 0 ? bits : ~(bits | 0x80000000U);
}

/// Running sums of some lanes: what was passed, and what has the score that is being passed.
template <std::size_t L>
struct Sums {
  using Row = std::array<double, L>;
  Row with{}, without{}, with_now{}, without_now{};
  Row pairs{};      // twice the pairs of a photo with and one without the class that stand in this order, ties as a half
  Row precision{};  // sum over the photos with the class

  void add(bool has, const uint16_t* counts) {
    Row& now = has ? with_now : without_now;
    for (std::size_t l = 0; l < L; ++l) now[l] += counts[l];
  }
  void end_tie() {
    for (std::size_t l = 0; l < L; ++l) {
      pairs[l] += without_now[l] * (2 * with[l] + with_now[l]);
      with[l] += with_now[l];
      without[l] += without_now[l];
      precision[l] += with_now[l] * with[l] / std::max(1.0, with[l] + without[l]);
    }
    with_now = without_now = {};
  }
};

template <std::size_t L>
void score_lanes(const Ranking& ranking, const uint16_t* counts, RankingScores* scores) {
  Sums<L> sums;
  for (const uint32_t entry : ranking) {
    sums.add((entry & kHasClass) != 0, counts + std::size_t{entry & kPhotoBits} * (L == 1 ? 0 : L));
    if ((entry & kEndsTie) != 0) sums.end_tie();
  }
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t l = 0; l < L; ++l) {
    const double with = sums.with[l], without = sums.without[l];
    scores[l] = {with > 0 && without > 0 ? sums.pairs[l] / (2 * with * without) : kUndefined, with > 0 ? sums.precision[l] / with : kUndefined};
  }
}

}  // namespace

Ranking rank(const float* scores, std::size_t stride, const std::vector<bool>& has) {
  std::vector<uint64_t> keys(has.size());
  for (std::size_t i = 0; i < has.size(); ++i) keys[i] = uint64_t{key_of(scores[i * stride])} << 32U | i;
  std::ranges::sort(keys);
  Ranking ranking(keys.size());
  for (std::size_t at = 0; at < keys.size(); ++at) {
    const auto photo = static_cast<uint32_t>(keys[at]);
    const bool ends = at + 1 == keys.size() || keys[at] >> 32U != keys[at + 1] >> 32U;
    ranking[at] = photo | (has[photo] ? kHasClass : 0) | (ends ? kEndsTie : 0);
  }
  return ranking;
}

RankingScores score_ranking(const Ranking& ranking) {
  constexpr uint16_t kOnce = 1;
  RankingScores scores{};
  score_lanes<1>(ranking, &kOnce, &scores);
  return scores;
}

void score_ranking(const Ranking& ranking, std::span<const uint16_t> counts, std::span<RankingScores, kLanes> scores) {
  score_lanes<kLanes>(ranking, counts.data(), scores.data());
}

}  // namespace graft::eval
