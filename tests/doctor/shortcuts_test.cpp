#include "graft/doctor/shortcuts.h"

#include <gtest/gtest.h>

#include "graft/base/rng.h"
#include "graft/doctor/fact_tree.h"

namespace graft::doctor {
namespace {

TEST(FactTree, FindsAnIntervalOfOneColumn) {
  Rng rng(1);
  Column values, noise;
  std::vector<bool> inside;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < 200; ++i) {
    noise.push_back(static_cast<float>(rng.uniform()));
    values.push_back(static_cast<float>(rng.uniform()));
    inside.push_back(values.back() > 0.4F && values.back() < 0.7F);
    rows.push_back(i);
  }
  const std::vector<Column> columns = {noise, values};
  const FactTree tree(columns, inside, rows);
  std::size_t right = 0;
  for (const std::size_t row : rows) right += tree(columns, row) == inside[row];
  EXPECT_GE(right, 196U);
}

TEST(FactTree, ASmallSideWeighsAsMuchAsTheOther) {
  const std::vector<Column> columns = {{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}};
  std::vector<bool> positive(18, false);
  for (const std::size_t i : {0, 1, 2}) positive[i] = true;  // half of the ones, and none of the twos
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < 18; ++i) rows.push_back(i);
  const FactTree tree(columns, positive, rows);
  EXPECT_TRUE(tree(columns, 0));
  EXPECT_FALSE(tree(columns, 17));
}

/// Photos of some classes with facts of chance; JPEG quality as `quality` says.
Report report_of(std::size_t classes, std::size_t each, const std::function<int(std::size_t label, std::size_t i)>& quality, data::Task task = {}) {
  Report report;
  report.task = task;
  Rng rng(7);
  for (std::size_t k = 0; k < classes; ++k) {
    report.classes.push_back("class" + std::to_string(k));
    for (std::size_t i = 0; i < each; ++i) {
      PhotoFacts photo;
      photo.sample.label = static_cast<int>(k);
      photo.width = 400 + static_cast<int>(rng.below(200));
      photo.height = 300 + static_cast<int>(rng.below(200));
      photo.bytes = 20000 + rng.below(60000);
      photo.details.jpeg_quality = quality(k, i);
      photo.details.camera = i % 3 == 0 ? "Canon" : i % 3 == 1 ? "Nikon" : "";
      photo.border = {static_cast<float>(rng.below(256)), static_cast<float>(rng.below(256)), static_cast<float>(rng.below(256))};
      photo.pixel_hash = {1 + k, 1 + i};
      report.photos.push_back(photo);
    }
  }
  return report;
}

std::vector<std::string> texts(Report report) {
  find_shortcuts(report, 0);
  std::vector<std::string> lines;
  for (const Finding& finding : report.findings) lines.push_back(finding.text);
  return lines;
}

TEST(Shortcuts, AQualityOfOneClassIsSaid) {
  Rng rng(3);
  const Report report = report_of(2, 60, [&](std::size_t k, std::size_t) { return k == 0 ? 60 : 50 + static_cast<int>(rng.below(46)); });
  const std::vector<std::string> lines = texts(report);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("'class0' can be told from 'class1' by JPEG quality alone in 9")) << lines[0];
}

TEST(Shortcuts, OneOfManyClassesIsNamed) {
  const Report report = report_of(6, 40, [](std::size_t k, std::size_t i) { return k == 3 ? 60 : 80 + static_cast<int>(i % 15); });
  EXPECT_EQ(texts(report),
            std::vector<std::string>{"'class3' can be told from the others by JPEG quality alone in 100 % of the photos; cross-validated, both "
                                     "sides of the same weight: chance is 50 %"});
}

TEST(Shortcuts, ChanceIsNotSaid) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    EXPECT_TRUE(tell_by_facts(report_of(2, 12, [&](std::size_t, std::size_t) { return 50 + static_cast<int>(rng.below(46)); }), seed).empty());
  }
}

TEST(Shortcuts, AWeakDifferenceIsNotSaid) {
  Rng rng(5);
  const Report report = report_of(2, 300, [&](std::size_t k, std::size_t) { return 60 + static_cast<int>(rng.below(30)) + (k == 0 ? 5 : 0); });
  EXPECT_TRUE(tell_by_facts(report, 0).empty());
}

TEST(Shortcuts, CopiesCountOnce) {
  Report report = report_of(2, 12, [](std::size_t, std::size_t i) { return 50 + static_cast<int>(i); });
  PhotoFacts odd = report.photos[0];
  odd.details.jpeg_quality = 99;
  for (int i = 0; i < 200; ++i) report.photos.push_back(odd);  // of a quality of its own, but all of one picture
  EXPECT_TRUE(tell_by_facts(report, 0).empty());
}

TEST(Shortcuts, PhotosOfAGroupAreNotTrainedAndTestedOn) {
  Report report = report_of(2, 60, [](std::size_t, std::size_t) { return 80; });
  for (std::size_t i = 0; i < report.photos.size(); ++i) {  // each group has a time of its own, which tells its class once the group is known
    const std::size_t group = i / 12;
    report.photos[i].sample.group = "g" + std::to_string(group);
    report.photos[i].details.taken = "20" + std::to_string(10 + (group * 7) % 10) + ":01:01 00:00:00";
  }
  const std::vector<Telling> grouped = tell_by_facts(report, 0);
  for (PhotoFacts& photo : report.photos) photo.sample.group.clear();
  EXPECT_FALSE(tell_by_facts(report, 0).empty());
  EXPECT_TRUE(grouped.empty());
}

}  // namespace
}  // namespace graft::doctor
