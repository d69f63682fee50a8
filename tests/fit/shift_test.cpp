// Targets that lack classes, of made features: told where the answers can be believed, and not where they cannot.
#include "graft/fit/adapt/shift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graft/base/rng.h"

namespace graft::fit {
namespace {

constexpr std::size_t kClasses = 4, kWidth = 8;

/// Photos of each class about a corner of its own, moved by `shift` along all features.
Rows rows_of_classes(const std::vector<int>& photos, double shift, uint64_t seed) {
  Rows rows{.width = kWidth};
  Rng rng(seed);
  for (std::size_t k = 0; k < photos.size(); ++k)
    for (int i = 0; i < photos[k]; ++i) {
      rows.labels.push_back(static_cast<int>(k));
      for (std::size_t c = 0; c < kWidth; ++c)
        rows.values.push_back(static_cast<float>((c % kClasses == k ? 3 : 1) + shift * (c < kClasses ? 1 : -1) + rng.uniform() - 0.5));
    }
  return rows;
}

/// What a head answers that knows the corners.
std::vector<float> answers_to(const Rows& rows) {
  std::vector<float> logits;
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    for (std::size_t k = 0; k < kClasses; ++k) {
      double square = 0;
      for (std::size_t c = 0; c < kWidth; ++c) square += std::pow(rows.values[i * kWidth + c] - (c % kClasses == k ? 3 : 1), 2);
      logits.push_back(static_cast<float>(-square));
    }
  return logits;
}

/// Of a target with so many photos of each class.
Lacking told_of(const std::vector<int>& photos, double shift) {
  Configured<FitConfig> config;
  const Listener listener;
  Job job{.config = config, .listener = listener};
  job.splits.classes = {"a", "b", "c", "d"};
  const Domains seen{.source = rows_of_classes({40, 40, 40, 40}, 0, 1),
                     .val = rows_of_classes({30, 30, 30, 30}, 0, 2),
                     .target = rows_of_classes(photos, shift, 3)};
  AdaptCandidate none{.name = "none", .seen = std::make_shared<const Domains>(seen), .outcome = {{}, answers_to(seen.val), 1}};
  none.target_logits = answers_to(seen.target);
  return lacking(job, none);
}

TEST(Lacking, NamesTheClassesThatTheTargetHasHardlyAnyOf) {
  const Lacking half = told_of({60, 0, 60, 0}, 0.05);
  EXPECT_TRUE(half.told);
  EXPECT_EQ(half.classes, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(told_of({60, 60, 60, 2}, 0.05).classes, std::vector<std::size_t>{3});
}

TEST(Lacking, NamesNoneThatIsRare) {
  const Lacking whole = told_of({40, 40, 40, 40}, 0.05), rare = told_of({60, 60, 60, 25}, 0.05);
  EXPECT_TRUE(whole.told && rare.told);
  EXPECT_TRUE(whole.classes.empty());
  EXPECT_TRUE(rare.classes.empty()) << "half of its part in the source";
}

TEST(Lacking, IsNotToldWhereThePhotosAreStrange) {
  const Lacking strange = told_of({60, 0, 60, 0}, 4);
  EXPECT_FALSE(strange.told);
  EXPECT_TRUE(strange.classes.empty());
}

}  // namespace
}  // namespace graft::fit
