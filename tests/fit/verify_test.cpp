#include "graft/fit/verify.h"

#include <gtest/gtest.h>

#include <cmath>

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
  Verified verified(float expected) {
    return verify(folder_ / "model.onnx", samples_, std::vector<float>{expected, -expected}, 1, [&] {
      ++rounds_;
      return [](std::size_t) {};
    });
  }
  TestFolder folder_;
  std::vector<data::Sample> samples_;
  int rounds_ = 0;
};

TEST_F(Verify, TakesRoundingForTheSame) {
  write(engine::Precision::bf16, 64);
  const Verified found = verified(64.5F);
  EXPECT_FALSE(found.in_bf16);
  EXPECT_EQ(rounds_, 1);
  EXPECT_NEAR(found.predictions.logits[0], 64, 1e-3);
}

TEST_F(Verify, LetsAModelRunInFloat32ThatBf16Spoils) {
  write(engine::Precision::bf16, 0.7F);
  const Verified found = verified(0.72F);
  EXPECT_NEAR(found.predictions.logits[0], 0.7, 0.005) << "those of float32";
  EXPECT_EQ(found.in_bf16.has_value(), engine::has_native_bf16());
  EXPECT_EQ(rounds_, engine::has_native_bf16() ? 2 : 1);
  EXPECT_NEAR(found.in_bf16.value_or(1), 1, 0.05) << "all of the answer is lost";
}

TEST_F(Verify, RefusesAModelThatAnswersOtherwise) {
  const std::string model = (folder_ / "model.onnx").string();
  const std::string hint = " % is rounding; try --precision float32; if it stays, please report it";
  write(engine::Precision::bf16, 0.7F);
  EXPECT_EQ(test::message_of([&] { verified(0.875F); }),
            model + ": its answers differ by 20 % of their size from those seen in training, at most 10" + hint);
  write(engine::Precision::float32, 8);
  EXPECT_EQ(test::message_of([&] { verified(8.2F); }),
            model + ": its answers differ by 2.4 % of their size from those seen in training, at most 0.1" + hint);
}

}  // namespace
}  // namespace graft::fit
