#include "graft/data/split.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace graft::data {
namespace {

struct Made {
  std::vector<std::string> names;
  std::vector<int> labels;
  int classes = 0;
};

/// Two to five classes of two to forty samples.
Made made() {
  Made m;
  m.classes = *rc::gen::inRange(2, 6);
  for (int label = 0; label < m.classes; ++label)
    for (int i = *rc::gen::inRange(2, 41); i > 0; --i) {
      m.names.push_back("class" + std::to_string(label) + "/" + std::to_string(i) + ".jpg");
      m.labels.push_back(label);
    }
  return m;
}

std::set<std::string> val_names(const Made& m, double fraction, uint64_t seed) {
  const std::vector<bool> val = choose_val(m.names, m.labels, m.classes, fraction, seed);
  std::set<std::string> names;
  for (std::size_t i = 0; i < val.size(); ++i)
    if (val[i]) names.insert(m.names[i]);
  return names;
}

TEST(Split, EveryClassGivesItsShareAndKeepsOne) {
  EXPECT_TRUE(rc::check("round(fraction * n) of each class, at least 1, at most n - 1", [] {
    const Made m = made();
    const double fraction = *rc::gen::inRange(1, 100) / 100.0;
    const std::vector<bool> val = choose_val(m.names, m.labels, m.classes, fraction, *rc::gen::arbitrary<uint64_t>());
    std::map<int, long> total, taken;
    for (std::size_t i = 0; i < val.size(); ++i) {
      ++total[m.labels[i]];
      taken[m.labels[i]] += val[i] ? 1 : 0;
    }
    for (const auto& [label, n] : total) RC_ASSERT(taken[label] == std::clamp(std::lround(fraction * static_cast<double>(n)), 1L, n - 1));
  }));
}

TEST(Split, OrderDoesNotMatter) {
  EXPECT_TRUE(rc::check("a reversed list is cut in the same way", [] {
    const Made m = made();
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    Made reversed = m;
    std::ranges::reverse(reversed.names);
    std::ranges::reverse(reversed.labels);
    RC_ASSERT(val_names(m, 0.2, seed) == val_names(reversed, 0.2, seed));
  }));
}

TEST(Split, ClassesDoNotTouchEachOther) {
  EXPECT_TRUE(rc::check("without its last class the rest is cut as before", [] {
    const Made m = made();
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    std::set<std::string> wanted;
    for (const std::string& name : val_names(m, 0.3, seed))
      if (!name.starts_with("class" + std::to_string(m.classes - 1))) wanted.insert(name);
    Made fewer;
    fewer.classes = m.classes - 1;
    for (std::size_t i = 0; i < m.names.size(); ++i)
      if (m.labels[i] < fewer.classes) {
        fewer.names.push_back(m.names[i]);
        fewer.labels.push_back(m.labels[i]);
      }
    RC_ASSERT(val_names(fewer, 0.3, seed) == wanted);
  }));
}

TEST(Split, OneMoreImageMovesAtMostOne) {
  EXPECT_TRUE(rc::check("at most one of the old names leaves or enters", [] {
    const Made m = made();
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    Made more = m;
    more.names.push_back("class0/new.jpg");
    more.labels.push_back(0);
    const std::set<std::string> before = val_names(m, 0.2, seed);
    std::set<std::string> after = val_names(more, 0.2, seed);
    after.erase("class0/new.jpg");
    std::vector<std::string> moved;
    std::ranges::set_symmetric_difference(before, after, std::back_inserter(moved));
    RC_ASSERT(moved.size() <= 1U);
  }));
}

TEST(Split, SeedsDifferAndEverySampleHasItsTurn) {
  Made m;
  m.classes = 1;
  for (int i = 0; i < 50; ++i) {
    m.names.push_back(std::to_string(i));
    m.labels.push_back(0);
  }
  std::map<std::string, int> times;
  for (uint64_t seed = 0; seed < 400; ++seed)
    for (const std::string& name : val_names(m, 0.2, seed)) ++times[name];
  ASSERT_EQ(times.size(), 50U);  // 80 times expected, standard deviation 8
  for (const auto& [name, count] : times) EXPECT_NEAR(count, 80, 40) << name;
}

TEST(Split, Golden) {  // a change here gives every user another split
  const std::vector<std::string> names = {"ant/1.jpg", "ant/2.jpg", "ant/3.jpg", "ant/4.jpg", "bee/1.jpg", "bee/2.jpg", "bee/3.jpg"};
  const std::vector<int> labels = {0, 0, 0, 0, 1, 1, 1};
  EXPECT_EQ(choose_val(names, labels, 2, 0.3, 7), (std::vector<bool>{false, false, true, false, false, false, true}));
}

TEST(Folds, AreEqualPartsOfEachClassAndOfAll) {
  EXPECT_TRUE(rc::check([] {
    const Made m = made();
    const int folds = *rc::gen::inRange(2, 7);
    const std::vector<int> parts = choose_folds(m.names, m.labels, m.classes, folds, *rc::gen::inRange<uint64_t>(0, 99));
    std::vector<std::map<int, int>> of_class(static_cast<std::size_t>(m.classes) + 1);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      RC_ASSERT(parts[i] >= 0 && parts[i] < folds);
      ++of_class[static_cast<std::size_t>(m.labels[i])][parts[i]];
      ++of_class.back()[parts[i]];
    }
    for (std::map<int, int>& counts : of_class) {
      std::vector<int> each;
      for (int part = 0; part < folds; ++part) each.push_back(counts[part]);
      RC_ASSERT(std::ranges::max(each) - std::ranges::min(each) <= 1);
    }
  }));
}

TEST(Folds, DependOnNamesAndSeedOnly) {
  const std::vector<std::string> names = {"a/1", "a/2", "a/3", "a/4", "b/1", "b/2", "b/3", "b/4"};
  const std::vector<int> labels = {0, 0, 0, 0, 1, 1, 1, 1};
  const std::vector<int> parts = choose_folds(names, labels, 2, 4, 3);
  const std::vector<std::string> turned = {"a/2", "a/1", "a/3", "a/4", "b/4", "b/2", "b/3", "b/1"};
  const std::vector<int> others = choose_folds(turned, labels, 2, 4, 3);
  EXPECT_EQ(parts[0], others[1]);
  EXPECT_EQ(parts[4], others[7]);
  std::set<std::vector<int>> seen;
  for (uint64_t seed = 0; seed < 8; ++seed) seen.insert(choose_folds(names, labels, 2, 4, seed));
  EXPECT_GT(seen.size(), 4U);
}

}  // namespace
}  // namespace graft::data
