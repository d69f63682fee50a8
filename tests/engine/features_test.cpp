#include "graft/engine/features.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "bmp.h"
#include "folder.h"
#include "graft/engine/feature_cache.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "graft/onnx/write.h"
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
  }
  ~ExtractFeatures() override { unsetenv("GRAFT_CACHE"); }

  static graph::Graph network() {
    graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
    rule::fill(graph);
    return graph;
  }

  FeatureTable extract(uint64_t cache_limit = 1 << 30, bool mirror = false, int threads = 2, int resize = 72, const graph::Graph& graph = network()) {
    return FeatureExtractor(graph, {.resize = resize, .crop = 64}, {Precision::float32, threads, cache_limit}).extract(photos_, mirror);
  }

  static std::vector<float> row(const FeatureTable& table, std::size_t i, std::size_t from = 0, std::size_t to = 1 << 20) {
    const auto start = table.values.begin() + static_cast<std::ptrdiff_t>(i * table.width);
    return {start + static_cast<std::ptrdiff_t>(from), start + static_cast<std::ptrdiff_t>(std::min(to, table.width))};
  }

  TestFolder folder_;
  std::vector<fs::path> photos_;
};

constexpr std::size_t kWidth = 512 + 128 + 256 + 384;  // SqueezeNet's last features, then the averages of fire1 to fire3

TEST_F(ExtractFeatures, DoNotDependOnThreadsOrTheCache) {
  const FeatureTable first = extract();
  EXPECT_EQ(first.width, kWidth);
  EXPECT_EQ(first.cached, 0U);
  const FeatureTable second = extract();
  EXPECT_EQ(second.cached, photos_.size());
  EXPECT_EQ(second.values, first.values);
  EXPECT_EQ(extract(0).values, first.values);
}

TEST_F(ExtractFeatures, EveryPhotoAdvancesOnceReadOrNot) {
  write_file(photos_[3], std::string_view("no picture"));
  for (int run = 0; run < 2; ++run) {
    std::size_t advanced = 0;
    FeatureExtractor extractor(network(), {.resize = 72, .crop = 64}, {Precision::float32, 2, 1 << 30});
    extractor.extract(photos_, false, [&](std::size_t n) { advanced += n; });
    EXPECT_EQ(advanced, photos_.size());
  }
}

TEST_F(ExtractFeatures, TheFirstOfThemAreTheFeaturesOfTheCutNetwork) {
  const graph::Graph graph = network();
  const FeatureExtractor extractor(graph, {.resize = 72, .crop = 64}, {Precision::float32, 2, 0});
  EXPECT_EQ(extractor.width(), kWidth);
  EXPECT_EQ(extractor.last_width(), 512U);
  Engine engine(onnx::write(graph::features(graph)), "cut", {.resize = 72, .crop = 64}, {Precision::float32, 2, 1});
  std::vector<uint8_t> pixels(64 * 64 * 3);
  data::Preprocess{.resize = 72, .crop = 64}(image::decode(read_file(photos_[0]), "0"), pixels);
  std::vector<float> last(512);
  engine.run(pixels, 1, last);
  const std::vector<float> ours = row(extract(0), 0, 0, 512);
  for (std::size_t i = 0; i < 512; ++i) EXPECT_NEAR(ours[i], last[i], 1e-5F);
}

TEST_F(ExtractFeatures, TheLastOnesAlone) {
  const auto last = [&] {
    FeatureExtractor extractor(network(), {.resize = 72, .crop = 64},
                               {.precision = Precision::float32, .threads = 2, .cache_limit = 1 << 30, .every_stage = false, .batch = 3});
    EXPECT_EQ(extractor.width(), extractor.last_width());
    return extractor.extract(photos_, false);
  };
  const FeatureTable all = extract(), first = last();
  EXPECT_EQ(first.width, 512U);
  EXPECT_EQ(first.cached, 0U);  // those of every stage are others
  EXPECT_EQ(last().cached, photos_.size());
  for (std::size_t i = 0; i < 512; ++i) EXPECT_NEAR(row(first, 20)[i], row(all, 20)[i], 1e-5F);
}

TEST_F(ExtractFeatures, TheMirrorImageFollowsThePhoto) {
  const FeatureTable both = extract(0, true), plain = extract(0);
  EXPECT_EQ(both.width, 2 * kWidth);
  EXPECT_EQ(row(both, 7, 0, kWidth), row(plain, 7));
  EXPECT_NE(row(both, 7, kWidth), row(plain, 7));
  // The mirrored photo's features are the photo's mirror features: the resize is symmetric up to the last bit.
  std::string mirrored;
  const image::Image image = image::decode(read_file(photos_[7]), "7");
  for (int y = 0; y < image.height; ++y)
    for (int x = image.width - 1; x >= 0; --x)
      for (int c = 0; c < 3; ++c) mirrored += static_cast<char>(image.pixels[static_cast<std::size_t>((y * image.width + x) * 3 + c)]);
  write_file(photos_[7], bmp(std::span(reinterpret_cast<const uint8_t*>(mirrored.data()), mirrored.size()), image.width, image.height));
  const std::vector<float> ours = row(extract(0), 7), theirs = row(both, 7, kWidth);
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], 0.02F * (1 + std::fabs(ours[i]))) << i;
}

TEST_F(ExtractFeatures, AChangedPhotoIsSeenAgainAndTheRestIsNot) {
  const FeatureTable before = extract();
  write_file(photos_[4], made_photo(2, 77));
  const FeatureTable after = extract();
  EXPECT_EQ(after.cached, photos_.size() - 1);
  EXPECT_NE(row(before, 4), row(after, 4));
  EXPECT_EQ(row(before, 5), row(after, 5));
}

TEST_F(ExtractFeatures, OtherPreprocessingOrWeightsAreOtherFeatures) {
  extract();
  EXPECT_EQ(extract(1 << 30, false, 1).cached, photos_.size());
  EXPECT_EQ(extract(1 << 30, false, 2, 64).cached, 0U);
  EXPECT_EQ(extract(1 << 30, true).cached, 0U);
  graph::Graph other = network();
  other.parameters[0].tensor = graph::Tensor::copy_of(rule::values("other", other.parameters[0].shape));
  EXPECT_EQ(extract(1 << 30, false, 2, 72, other).cached, 0U);
}

TEST_F(ExtractFeatures, UnreadablePhotosAreReportedAndTheOthersDone) {
  write_file(photos_[3], std::string_view("no picture"));
  const FeatureTable table = extract();
  ASSERT_EQ(table.unreadable.size(), 1U);
  EXPECT_EQ(table.unreadable[0].index, 3U);
  EXPECT_EQ(table.values[3 * table.width], 0.F);
  EXPECT_NE(table.values[4 * table.width], 0.F);
}

}  // namespace
}  // namespace graft::engine
