#include "graft/trust/sets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "error_text.h"
#include "trust/made_photos.h"

namespace graft::trust {
namespace {

using data::MultiLabel;
using data::SingleLabel;

std::vector<int> set_at(const Sets& sets, const std::vector<float>& p) { return set_of(SingleLabel{}, sets, p); }

Sets with_threshold(double t, std::size_t classes) {
  return {0.9, std::vector<double>(classes, t), std::vector<bool>(classes, false), Basis::cross_validation, 100};
}

TEST(SetOf, HoldsTheClassesThatLittleIsMoreProbableThan) {
  EXPECT_EQ(set_at(with_threshold(0.5, 3), {0.1F, 0.6F, 0.3F}), (std::vector<int>{1}));
  EXPECT_EQ(set_at(with_threshold(0.7, 3), {0.1F, 0.6F, 0.3F}), (std::vector<int>{1, 2}));
  EXPECT_EQ(set_at(with_threshold(0.95, 3), {0.1F, 0.6F, 0.3F}), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(set_at(with_threshold(0, 3), {0.1F, 0.6F, 0.3F}), (std::vector<int>{1})) << "never empty";
}

TEST(SetOf, RanksBeyondTheFifthCostMore) {
  const std::vector<float> p{0.3F, 0.2F, 0.15F, 0.13F, 0.12F, 0.06F, 0.04F};
  EXPECT_EQ(set_at(with_threshold(0.905, 7), p).size(), 5U) << "0.90 + 0.01 is above";
  EXPECT_EQ(set_at(with_threshold(0.915, 7), p).size(), 6U);
}

TEST(CalibrateSets, TakesTheQuantileOfSoManyAndOneMorePhotos) {
  // 9 photos of two classes, whose labels are the second most probable at 0.51, 0.52 ...: 0.9 of 10 is the ninth.
  std::vector<float> p;
  const std::vector<int> labels(9, 1);
  for (int i = 1; i <= 9; ++i) p.insert(p.end(), {0.5F + 0.01F * static_cast<float>(i), 0.5F - 0.01F * static_cast<float>(i)});
  const Sets sets = calibrate_sets(SingleLabel{}, {SingleLabel{}, 9, labels}, p, 2, 0.9, Basis::validation);
  EXPECT_NEAR(sets.thresholds[0], 0.59, 1e-6);
  EXPECT_EQ(sets.own, (std::vector<bool>{false, false}));
  EXPECT_EQ(to_text(sets, std::vector<std::string>{"a", "b"}),
            std::vector<std::string>{"sets of 90 %: found on 9 photos (the validation photos), for all classes together"});
}

TEST(CalibrateSets, OfTooFewPhotosEverySetHoldsAllClasses) {
  const std::vector<float> p{0.99F, 0.01F, 0.98F, 0.02F};
  const std::vector<int> labels{0, 0};
  const Sets sets = calibrate_sets(SingleLabel{}, {SingleLabel{}, 2, labels}, p, 2, 0.9, Basis::other_photos);
  EXPECT_EQ(set_at(sets, {1, 0}), (std::vector<int>{0, 1}));
  EXPECT_EQ(
      to_text(sets, std::vector<std::string>{"a", "b"}),
      std::vector<std::string>{"sets of 90 %: 2 photos are too few to leave out any class, expected at least 9: every set contains all classes"});
  EXPECT_EQ(enough_at_all(0.9), 9U);
  EXPECT_EQ(enough_at_all(0.95), 19U);
  EXPECT_EQ(enough_of_a_class(0.9), 20U);
}

struct Covered {
  double all, worst, size;
};

/// Coverage on the photos from `first` on, and in the class where it is worst, of sets found on those before.
Covered covered(const Made& made, const std::vector<std::size_t>& order, std::size_t first, double coverage) {
  const std::vector<float> p = made.probabilities();
  std::vector<float> some;
  std::vector<int> labels;
  for (std::size_t j = 0; j < first; ++j) {
    some.insert(some.end(), p.begin() + static_cast<std::ptrdiff_t>(order[j] * made.classes),
                p.begin() + static_cast<std::ptrdiff_t>((order[j] + 1) * made.classes));
    labels.push_back(made.labels[order[j]]);
  }
  const Sets sets = calibrate_sets({SingleLabel{}, first, labels}, some, made.classes, coverage, Basis::validation);
  std::vector<double> in(made.classes), of(made.classes);
  double size = 0;
  for (std::size_t j = first; j < order.size(); ++j) {
    const auto k = static_cast<std::size_t>(made.labels[order[j]]);
    const std::vector<int> set = set_of(SingleLabel{}, sets, std::span(p).subspan(order[j] * made.classes, made.classes));
    of[k] += 1;
    in[k] += std::ranges::find(set, made.labels[order[j]]) != set.end() ? 1 : 0;
    size += static_cast<double>(set.size());
  }
  Covered found{0, 1, size / static_cast<double>(order.size() - first)};
  for (std::size_t k = 0; k < made.classes; ++k) {
    found.all += in[k] / static_cast<double>(order.size() - first);
    found.worst = std::min(found.worst, in[k] / of[k]);
  }
  return found;
}

TEST(CalibrateSets, CoverWhatIsAskedForOverAHundredSplits) {
  // Four classes that the model confuses, twice too sure: at 0.9 the most probable class alone would not do for any of them.
  const Made made = made_photos(2400, 4, 1.5, 2, 11);
  Rng rng(5, 1);
  std::vector<std::size_t> order(made.labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Covered mean{0, 0, 0};
  for (int split = 0; split < 100; ++split) {
    rng.shuffle(std::span(order));
    const Covered found = covered(made, order, 1200, 0.9);
    mean.all += found.all / 100;
    mean.worst += found.worst / 100;
    mean.size += found.size / 100;
  }
  EXPECT_GE(mean.all, 0.88);
  EXPECT_LE(mean.all, 0.92);
  EXPECT_GE(mean.worst, 0.85);
  EXPECT_LT(mean.size, 3.6);
}

TEST(CalibrateSets, OfSeveralClassesAPhotoTheyHoldThePartOfThemThatIsAskedFor) {
  Rng rng(6, 1);
  double missed = 0, counted = 0;
  for (int split = 0; split < 100; ++split) {
    std::vector<float> p, targets;
    for (int i = 0; i < 3 * 400; ++i) {
      p.push_back(static_cast<float>(rng.uniform()));
      targets.push_back(rng.uniform() < static_cast<double>(p.back()) ? 1.0F : 0.0F);
    }
    const std::vector<int> none(200);
    const std::span<const float> all_p(p), all_t(targets);
    const Sets sets = calibrate_sets({MultiLabel{}, 200, none, all_t.first(600)}, all_p.first(600), 3, 0.8, Basis::validation);
    for (std::size_t i = 200; i < 400; ++i) {
      const std::vector<int> set = set_of(MultiLabel{}, sets, all_p.subspan(i * 3, 3));
      double has = 0, held = 0;
      for (int k = 0; k < 3; ++k) {
        if (all_t[i * 3 + static_cast<std::size_t>(k)] < 0.5F) continue;
        has += 1;
        held += std::ranges::find(set, k) != set.end() ? 1 : 0;
      }
      if (has == 0) continue;
      counted += 1;
      missed += 1 - held / has;
    }
  }
  EXPECT_NEAR(missed / counted, 0.2, 0.01);
}

TEST(CheckCoverage, IsBetweenNoneAndAll) {
  EXPECT_EQ(test::error_of([] { check_coverage(1); }),
            "usage: --coverage 1: expected a fraction between 0 and 1, such as 0.9; only the set of all classes is always right");
  EXPECT_EQ(test::error_of([] { check_coverage(0); }), "usage: --coverage 0: expected a fraction between 0 and 1, such as 0.9");
  EXPECT_EQ(test::error_of([] { check_coverage(std::nan("")); }), "usage: --coverage nan: expected a fraction between 0 and 1, such as 0.9");
  EXPECT_EQ(test::error_of([] { check_coverage(0.5); }), "no error");
}

}  // namespace
}  // namespace graft::trust
