#include "graft/fit/run/verify.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/graph/builder.h"

namespace graft::fit {
namespace {

constexpr int kSide = 32;
constexpr float kLarge = 256;

/// A model whose answers are small differences of large features, of which bf16 keeps 8 bits: `shift` of the first one.
class Verify : public testing::Test {
 protected:
  void write(engine::Precision precision, float shift) {
    graph::Graph graph{.name = "small"};
    graph::Builder b(graph);
    b.stage("stem");
    const graph::Value x = b.conv("conv", b.input({3, kSide, kSide}), {.out = 2, .kernel = 1, .bias = true});
    b.stage("head");
    b.linear("head", apply(graph::GlobalAveragePool{}, {x}), {.out = 2});
    const auto set = [&](const char* name, std::vector<float> values) { graph.find(name)->tensor = graph::Tensor::copy_of(values); };
    set("conv.weight", {0, 0, 0, 0, 0, 0});
    set("conv.bias", {kLarge + shift, kLarge});
    set("head.weight", {1, -1, -1, 1});
    set("head.bias", {0, 0});
    write_file(folder_ / "model.onnx", artifact::to_onnx(graph, {.labels = {"ant", "bee"},
                                                                 .preprocess = {.resize = kSide, .crop = kSide},
                                                                 .precision = precision,
                                                                 .provenance = nlohmann::ordered_json::object()}));
    samples_ = {{.path = folder_.path() / "photo.bmp", .label = 0}};
    write_file(samples_[0].path, made_photo(0, 0, kSide, kSide));
  }
  Verified verified(float expected, engine::Precision seen) {
    return verify(folder_ / "model.onnx", samples_, std::vector<float>{expected, -expected}, seen, 1, {});
  }
  TestFolder folder_;
  std::vector<data::Sample> samples_;
};

TEST_F(Verify, TakesRoundingForTheSame) {
  write(engine::Precision::bf16, 64);
  const Verified found = verified(64.5F, engine::Precision::bf16);
  EXPECT_TRUE(found.same);
  EXPECT_NEAR(found.predictions.logits[0], 64, 1e-3);
  EXPECT_EQ(found.precision, engine::has_native_bf16() ? engine::Precision::bf16 : engine::Precision::float32);
}

TEST_F(Verify, SeesWhereBf16SpoilsTheAnswers) {
  write(engine::Precision::bf16, 0.7F);
  EXPECT_EQ(verified(0.72F, engine::Precision::bf16).same, !engine::has_native_bf16()) << "in float32 it is 0.7";
  write(engine::Precision::float32, 0.7F);
  EXPECT_TRUE(verified(0.72F, engine::Precision::bf16).same) << "training rounded";
  EXPECT_FALSE(verified(0.875F, engine::Precision::bf16).same);
}

TEST_F(Verify, RefusesAModelThatAnswersOtherwise) {
  write(engine::Precision::float32, 8);
  EXPECT_EQ(test::message_of([&] { verified(8.2F, engine::Precision::float32); }),
            (folder_ / "model.onnx").string() +
                ": its answers are not those seen in training: logits differ by 2.4 % of their size, probabilities differ by 0.0 points on average, "
                "0 of 1 answers differ; try again, because the disk may be at fault; if it happens again, please report it");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(verified(nan, engine::Precision::float32), Error);
  write(engine::Precision::float32, nan);
  EXPECT_THROW(verified(8, engine::Precision::float32), Error);
  EXPECT_TRUE(is_broken(verified(8, engine::Precision::bf16).difference));
}

TEST(DifferenceOf, AnswersAndProbabilitiesOfOneClass) {
  const std::vector<float> expected = {0, 5, 0, 0.1F, 3, 0}, logits = {0, 5, 0.1F, 0, 0, 3};
  const Difference d = difference_of(logits, expected, 2, data::SingleLabel{});
  EXPECT_EQ(d.answers, 3U);
  EXPECT_EQ(d.changed, 1U) << "the second photo's was a tie";
  const auto first = [](double by) { return 1 / (1 + std::exp(-by)); };
  EXPECT_NEAR(d.probabilities, (first(0.1) - first(-0.1) + first(3) - first(-3)) / 3, 1e-6);
  EXPECT_NEAR(d.size, std::sqrt((0.01 + 0.01 + 9 + 9) / (25 + 0.01 + 9)), 1e-6);
}

TEST(DifferenceOf, AnswersAndProbabilitiesOfSeveralClasses) {
  const std::vector<float> expected = {9, -9, 0.1F, -9, -9, -9}, logits = {9, 9, -0.1F, -9, -9, -9};
  const Difference d = difference_of(logits, expected, 3, data::MultiLabel{});
  EXPECT_EQ(d.answers, 6U);
  EXPECT_EQ(d.changed, 1U) << "the third class of the first photo was a tie";
  EXPECT_NEAR(d.probabilities, 0.5, 1e-3) << "the largest of each photo";
}

TEST(Harmless, LogitsNearZeroSayNothingByTheirSize) {
  const std::vector<float> expected = {0.001F, -0.001F}, logits = {-0.001F, 0.001F};
  const Difference d = difference_of(logits, expected, 2, data::SingleLabel{});
  EXPECT_NEAR(d.size, 0.002, 1e-6) << "twice their size, but no logit of 1 is near";
  EXPECT_TRUE(harmless(d, engine::Precision::bf16));
}

TEST(Harmless, EachOfItsPartsCounts) {
  const auto bf16 = [](Difference d) { return harmless(d, engine::Precision::bf16); };
  EXPECT_TRUE(bf16({.size = 0.2, .probabilities = 0.01, .changed = 0, .answers = 100}));
  EXPECT_FALSE(bf16({.size = 0.3, .probabilities = 0.01, .changed = 0, .answers = 100}));
  EXPECT_FALSE(bf16({.size = 0.2, .probabilities = 0.03, .changed = 0, .answers = 100}));
  EXPECT_FALSE(bf16({.size = 0.2, .probabilities = 0.01, .changed = 5, .answers = 100}));
  EXPECT_TRUE(bf16({.size = 0.2, .probabilities = 0.01, .changed = 1, .answers = 100})) << "a single one proves little";
  EXPECT_FALSE(bf16({.size = std::nan(""), .probabilities = 0, .changed = 0, .answers = 100}));
  EXPECT_TRUE(harmless({.size = 0.0009, .probabilities = 0, .changed = 0, .answers = 1}, engine::Precision::float32));
  EXPECT_FALSE(harmless({.size = 0.002, .probabilities = 0, .changed = 0, .answers = 1}, engine::Precision::float32));
}

}  // namespace
}  // namespace graft::fit
