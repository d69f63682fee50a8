#include "graft/engine/features.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "bmp.h"
#include "folder.h"
#include "graft/engine/feature_cache.h"
#include "graft/models/registry.h"
#include "models/rule.h"

namespace graft::engine {
namespace {

namespace fs = std::filesystem;

class ExtractFeatures : public testing::Test {
 protected:
  ExtractFeatures() {
    setenv("GRAFT_CACHE", (folder_ / "cache").c_str(), 1);
    for (int i = 0; i < 21; ++i) {
      photos_.push_back(folder_ / (std::to_string(i) + ".bmp"));
      write_file(photos_.back(), made_photo(i % 3, i));
    }
    graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
    rule::fill(graph);
    extractor_ = make_extractor(graph, {.resize = 72, .crop = 64});
  }
  ~ExtractFeatures() override { unsetenv("GRAFT_CACHE"); }

  TestFolder folder_;
  std::vector<fs::path> photos_;
  Extractor extractor_;
};

TEST_F(ExtractFeatures, DoNotDependOnThreadsOrTheCache) {
  const ExtractOptions cached{.precision = Precision::float32, .threads = 2, .cache_limit = 1 << 30};
  const FeatureTable first = extract_features(extractor_, photos_, cached);
  EXPECT_EQ(first.width, 512U);
  EXPECT_EQ(first.cached, 0U);
  std::size_t advanced = 0;
  ExtractOptions again = cached;
  again.advance = [&](std::size_t n) { advanced += n; };
  const FeatureTable second = extract_features(extractor_, photos_, again);
  EXPECT_EQ(second.cached, photos_.size());
  EXPECT_EQ(advanced, photos_.size());
  EXPECT_EQ(second.values, first.values);
  const FeatureTable single = extract_features(extractor_, photos_, {.precision = Precision::float32, .threads = 2});
  EXPECT_EQ(single.values, first.values);
}

TEST_F(ExtractFeatures, AChangedPhotoIsSeenAgainAndTheRestIsNot) {
  const ExtractOptions options{.precision = Precision::float32, .threads = 2, .cache_limit = 1 << 30};
  const FeatureTable before = extract_features(extractor_, photos_, options);
  write_file(photos_[4], made_photo(2, 77));
  const FeatureTable after = extract_features(extractor_, photos_, options);
  EXPECT_EQ(after.cached, photos_.size() - 1);
  const auto row = [](const FeatureTable& t, std::size_t i) {
    return std::vector<float>(t.values.begin() + static_cast<long>(i * t.width), t.values.begin() + static_cast<long>((i + 1) * t.width));
  };
  EXPECT_NE(row(before, 4), row(after, 4));
  EXPECT_EQ(row(before, 5), row(after, 5));
}

TEST_F(ExtractFeatures, OtherPreprocessingOrWeightsAreOtherFeatures) {
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  EXPECT_EQ(make_extractor(graph, {.resize = 72, .crop = 64}).key, extractor_.key);
  EXPECT_NE(make_extractor(graph, {.resize = 64, .crop = 64}).key, extractor_.key);
  graph.parameters[0].tensor = graph::Tensor::copy_of(rule::values("other", graph.parameters[0].shape));
  EXPECT_NE(make_extractor(graph, {.resize = 72, .crop = 64}).key, extractor_.key);
}

TEST_F(ExtractFeatures, UnreadablePhotosAreReportedAndTheOthersDone) {
  write_file(photos_[3], std::string_view("no picture"));
  const FeatureTable table = extract_features(extractor_, photos_, {.precision = Precision::float32, .threads = 2, .cache_limit = 1 << 30});
  ASSERT_EQ(table.unreadable.size(), 1U);
  EXPECT_EQ(table.unreadable[0].index, 3U);
  EXPECT_EQ(table.values[3 * table.width], 0.F);
  EXPECT_NE(table.values[4 * table.width], 0.F);
}

}  // namespace
}  // namespace graft::engine
