// What is said of a pre-training.
#include "graft/study/pretraining.h"

#include <gtest/gtest.h>

namespace graft::study {
namespace {

Pretrained with_ranks(double before, double after) {
  Pretrained found{.before = {{train::kEffectiveRank, before}}};
  found.history.resize(2);
  found.history.front().scores[train::kEffectiveRank] = 1;
  found.history.back().scores[train::kEffectiveRank] = after;
  return found;
}

TEST(Pretrained, LostRankIsAWarning) {
  EXPECT_TRUE(warning(with_ranks(300, 17)).starts_with("warning: the effective rank of the features fell from 300 to 17: "))
      << warning(with_ranks(300, 17));
  EXPECT_EQ(warning(with_ranks(300, 150)), "");
  EXPECT_EQ(warning(with_ranks(300, 400)), "");
}

}  // namespace
}  // namespace graft::study
