// Area under the ROC curve and average precision, each against its definition, computed the slow way.
#include "graft/eval/ranking.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>
#include <limits>

namespace graft::eval {
namespace {

struct Photos {
  std::vector<float> scores;
  std::vector<bool> has;
};

/// Few different scores, so that many tie.
Photos some_photos() {
  Photos photos;
  const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-12, 12)));
  for (const int value : values) {
    photos.scores.push_back(static_cast<float>(value / 2) / 7);
    photos.has.push_back(value % 2 != 0);
  }
  return photos;
}

double auroc_by_pairs(const Photos& p) {
  double pairs = 0, won = 0;
  for (std::size_t i = 0; i < p.has.size(); ++i)
    for (std::size_t j = 0; j < p.has.size(); ++j) {
      if (!p.has[i] || p.has[j]) continue;
      pairs += 1;
      won += p.scores[i] > p.scores[j] ? 1 : p.scores[i] == p.scores[j] ? 0.5 : 0;
    }
  return pairs == 0 ? NAN : won / pairs;
}

/// Of each photo with the class, the precision when everything from its score on is taken; their mean.
double average_precision_by_photo(const Photos& p) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < p.has.size(); ++i) {
    if (!p.has[i]) continue;
    double taken = 0, right = 0;
    for (std::size_t j = 0; j < p.has.size(); ++j)
      if (p.scores[j] >= p.scores[i]) taken += 1, right += p.has[j] ? 1 : 0;
    sum += right / taken;
    count += 1;
  }
  return count == 0 ? NAN : sum / count;
}

bool same(double a, double b) { return std::isnan(a) ? std::isnan(b) : std::abs(a - b) < 1e-12; }

TEST(Ranking, IsWhatCountingPairsGives) {
  EXPECT_TRUE(rc::check([] {
    const Photos p = some_photos();
    const RankingScores scores = score_ranking(rank(p.scores.data(), 1, p.has));
    RC_ASSERT(same(scores.auroc, auroc_by_pairs(p)));
    RC_ASSERT(same(scores.average_precision, average_precision_by_photo(p)));
  }));
}

TEST(Ranking, APhotoThatCountsTwiceIsTwoPhotos) {
  EXPECT_TRUE(rc::check([] {
    const Photos p = some_photos();
    std::vector<uint16_t> counts(p.has.size() * kLanes);
    std::array<Photos, kLanes> repeated;
    for (std::size_t i = 0; i < p.has.size(); ++i)
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        counts[i * kLanes + lane] = *rc::gen::inRange<uint16_t>(0, 4);
        for (int n = 0; n < counts[i * kLanes + lane]; ++n) {
          repeated[lane].scores.push_back(p.scores[i]);
          repeated[lane].has.push_back(p.has[i]);
        }
      }
    std::array<RankingScores, kLanes> scores{};
    score_ranking(rank(p.scores.data(), 1, p.has), counts, scores);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      RC_ASSERT(same(scores[lane].auroc, auroc_by_pairs(repeated[lane])));
      RC_ASSERT(same(scores[lane].average_precision, average_precision_by_photo(repeated[lane])));
    }
  }));
}

TEST(Ranking, ZeroOfEitherSignTies) {
  const std::vector<float> scores{0.0F, -0.0F};
  EXPECT_EQ(score_ranking(rank(scores.data(), 1, {true, false})).auroc, 0.5);
}

}  // namespace
}  // namespace graft::eval
