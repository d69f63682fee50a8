#include "graft/doctor/photo_features.h"

#include <gtest/gtest.h>

#include <numeric>

#include "doctor/scenes.h"

namespace graft::doctor {
namespace {

TEST(PhotoFeatures, ShorterRowsKeepTheirProducts) {
  Rng rng(1, 0);
  std::vector<float> a(1280), b(1280), same(1280);
  for (float& value : a) value = static_cast<float>(rng.uniform() - 0.5);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = 0.5F * a[i] + static_cast<float>(rng.uniform() - 0.5);
  shorten(a, same);
  EXPECT_EQ(a, same);
  std::vector<float> short_a(640), short_b(640);
  shorten(a, short_a);
  shorten(b, short_b);
  const auto product = [](const std::vector<float>& x, const std::vector<float>& y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0F);
  };
  EXPECT_NEAR(product(short_a, short_b), product(a, b), 12);
  EXPECT_NEAR(product(short_a, short_a), product(a, a), 12);
}

class SuspiciousLabels : public testing::Test {
 protected:
  SuspiciousLabels() {
    for (int i = 0; i < 24; ++i) put_photo(folder_ / ((i % 2 == 0 ? "ants/" : "bees/") + std::to_string(i) + ".png"), scene(i, 40, 30));
    put_photo(folder_ / "bees/wrong.png", scene(50, 40, 30));
  }
  Report report() {
    ThreadPool pool(1);
    Report report = examine(folder_.path(), {}, pool);
    report.findings.clear(), report.notes.clear();
    return report;
  }
  /// 1, 0 of ants and 0, 1 of bees; `wrong` is an ant.
  search::Table features(const Report& report) {
    const auto values = std::make_shared<std::vector<float>>();
    for (std::size_t i = 0; i < report.photos.size(); ++i) {
      const bool ant = report.photos[i].sample.label == 0 || report.photos[i].name == "bees/wrong.png";
      const float jitter = 0.01F * static_cast<float>(i % 7);
      values->insert(values->end(), {(ant ? 1.0F : 0.0F) + jitter, (ant ? 0.0F : 1.0F) - jitter});
    }
    return {report.photos.size(), 2, values, *values};
  }
  const TestFolder folder_;
};

TEST_F(SuspiciousLabels, AreSaidWithBothProbabilities) {
  put_file(folder_ / "ants/broken.png", "no picture");
  Report found = report();
  ThreadPool pool(1);
  find_suspicious_labels(found, features(found), {}, 0, pool);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.photos[found.findings[0].photos.at(0)].name, "bees/wrong.png");
  EXPECT_TRUE(found.findings[0].text.starts_with("'bees/wrong.png' is labeled bees (probability 0.")) << found.findings[0].text;
  EXPECT_NE(found.findings[0].text.find(", but ants has 0."), std::string::npos);
  EXPECT_GT(*found.findings[0].score, 0.5);
  EXPECT_TRUE(found.findings[0].superfluous.empty());
}

TEST_F(SuspiciousLabels, OfTooFewPhotosNothingIsSaid) {
  Report found = report();
  found.photos.resize(9);
  ThreadPool pool(1);
  find_suspicious_labels(found, features(found), {}, 0, pool);
  EXPECT_TRUE(found.findings.empty());
  EXPECT_EQ(found.notes, std::vector<std::string>{"labels were not checked: there are too few photos or classes"});
}

}  // namespace
}  // namespace graft::doctor
