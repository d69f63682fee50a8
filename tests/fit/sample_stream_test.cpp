// What training is shown is a function of seed, epoch, photo and copy: however many threads draw it, kept on disk or not, taken up again or not.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "bmp.h"
#include "folder.h"
#include "graft/fit/more/material.h"
#include "graft/fit/more/relation.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "models/rule.h"

namespace graft::fit {
namespace {

constexpr std::size_t kPhotos = 7;

graph::Graph network() {
  graph::Graph graph{.name = "small"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = relu(b.conv("conv", b.input({3, 32, 32}), {.out = 4, .kernel = 3, .stride = 4, .bias = true}));
  b.stage("head");
  b.linear("fc", apply(graph::GlobalAveragePool{}, {x}), {.out = 3});
  rule::fill(graph);
  return graph;
}

class ShownPhotos : public testing::Test {
 protected:
  ShownPhotos() {
    for (std::size_t i = 0; i < kPhotos; ++i) {
      samples_.push_back({folder_ / (std::to_string(i) + ".bmp"), static_cast<int>(i % 2)});
      write_file(samples_.back().path, made_photo(static_cast<int>(i % 3), static_cast<int>(i)));
    }
  }
  Training training() const { return {network_, preprocess_, samples_, samples_, {}, engine::Precision::float32, {}, &network_}; }

  /// The batches of three epochs, among them photos that come twice; each of these steps by another object, as after a resume, where it is cut.
  std::vector<float> batches(int threads, bool cached, const std::string& file, bool cut) {
    std::vector<float> all;
    ThreadPool pool(threads);
    std::optional<SampleStream> shown;
    for (uint64_t epoch = 0; epoch < 3; ++epoch) {
      if (!shown || cut) {
        shown.emplace(samples_, training(), data::of(data::AugmentPreset::standard), 5, pool);
        if (cached) shown->compute(frozen_, 4, folder_ / file, training(), threads, nullptr);
      }
      const std::size_t width = cached ? static_cast<std::size_t>(graph::element_count(frozen_.output_dims())) : preprocess_.row_bytes();
      for (const std::vector<std::size_t>& which : {std::vector<std::size_t>{4, 2, 4 + kPhotos}, {0, 6, 6 + kPhotos, 6 + 2 * kPhotos, 1}}) {
        std::vector<float> out(which.size() * width);
        shown->samples().fill(epoch, which, out);
        all.insert(all.end(), out.begin(), out.end());
      }
    }
    return all;
  }

  TestFolder folder_;
  std::vector<data::Sample> samples_;
  data::Preprocess preprocess_{.resize = 40, .crop = 32};
  graph::Graph network_ = network(), frozen_ = graph::split(network_, "head").first;
};

TEST_F(ShownPhotos, AreTheSameBytesForAnyNumberOfThreadsAndTakenUpAgain) {
  for (const bool cached : {false, true}) {
    const std::vector<float> one = batches(1, cached, "one", false);
    for (const int threads : {1, 2, 8})
      for (const bool cut : {false, true}) {
        const std::string file = "of" + std::to_string(threads) + (cut ? "cut" : "");
        EXPECT_EQ(batches(threads, cached, file, cut), one) << threads << " threads" << (cached ? ", cached" : "") << (cut ? ", taken up again" : "");
      }
  }
}

TEST_F(ShownPhotos, CopiesOfAPhotoAreOtherViews) {
  for (const bool cached : {false, true}) {
    ThreadPool pool(2);
    SampleStream shown(samples_, training(), data::of(data::AugmentPreset::standard), 5, pool);
    if (cached) shown.compute(frozen_, 4, folder_ / "views", training(), 2, nullptr);
    const std::size_t width = cached ? static_cast<std::size_t>(graph::element_count(frozen_.output_dims())) : preprocess_.row_bytes();
    const auto row = [&](uint64_t epoch, std::size_t which) {
      std::vector<float> out(width);
      shown.samples().fill(epoch, std::span(&which, 1), out);
      return out;
    };
    EXPECT_NE(row(0, 3), row(0, 3 + kPhotos));
    EXPECT_NE(row(0, 3 + kPhotos), row(0, 3 + 2 * kPhotos));
    EXPECT_NE(row(0, 3), row(1, 3));
    EXPECT_EQ(row(0, 3 + kPhotos), row(0, 3 + kPhotos));
  }
}

TEST(Relation, IsTheMeanAnswerOfEachClass) {
  const std::vector<std::vector<float>> logits{{0, 0}, {0, std::log(3.F)}, {std::log(4.F), 0}};
  const train::Relation relation =
      relation_of({0, 0, 2}, 3, 2, [&](std::size_t photo, std::span<float> row) { std::ranges::copy(logits[photo], row.begin()); });
  EXPECT_EQ(relation.classes, 2U);
  const std::vector<float> wanted{0.375F, 0.625F, 0.5F, 0.5F, 0.8F, 0.2F};
  ASSERT_EQ(relation.shares.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(relation.shares[i], wanted[i], 1e-6) << i;
}

TEST_F(ShownPhotos, RelationIsReadFromItsFile) {
  ThreadPool pool(2);
  const train::Relation computed = relation_of(training(), 2, folder_ / "source", 2, pool, nullptr);
  EXPECT_EQ(computed.classes, 3U);
  for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(computed.shares[3 * c] + computed.shares[3 * c + 1] + computed.shares[3 * c + 2], 1, 1e-5);
  for (const data::Sample& sample : samples_) std::filesystem::remove(sample.path);
  EXPECT_EQ(relation_of(training(), 2, folder_ / "source", 2, pool, nullptr).shares, computed.shares);
}

}  // namespace
}  // namespace graft::fit
