// Networks that scale their pictures themselves, and what their last layers are.
#include "graft/onnx/input_scale.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/engine/onnx_network.h"
#include "graft/graph/walks.h"
#include "onnx/fixtures.h"
#include "onnx/made_model.h"

namespace graft::onnx {
namespace {

const std::vector<int64_t> kPicture{-1, 3, 32, 32}, kChannels{1, 3, 1, 1};

class InputScales : public testing::Test {
 protected:
  engine::OnnxNetwork open(const MadeModel& model, const std::string& tensor = "", int64_t opset = 17) const {
    write_file(folder / "m.onnx", model.bytes(opset));
    return engine::read_onnx(folder / "m.onnx", 32, tensor);
  }
  /// Its features of the picture by rule, with what the file wants as preprocessing.
  std::vector<float> features(const engine::OnnxNetwork& network, const PictureScale& scale) const {
    data::Preprocess preprocess = engine::preprocess_of(network, scale);
    preprocess.resize = 32, preprocess.crop = 32;
    engine::Engine engine(write(graph::features(engine::graph_of(network, scale))), "m", preprocess, {});
    std::vector<float> out(engine.width());
    engine.run(rule::picture(32), 1, out);
    return out;
  }
  /// The same network for numbers that are scaled beforehand, with the kernels in the other order where `bgr`.
  std::vector<float> expected(const std::array<float, 3>& mean, const std::array<float, 3>& std, bool bgr = false) const {
    MadeModel plain;
    plain.input("x", kPicture);
    if (bgr) plain.ints("order", {3}, {2, 1, 0}).node("Gather", {"x", "order"}, {"y"}, {{"axis", int64_t{1}}});
    small_network(plain, bgr ? "y" : "x").output("logits");
    write_file(folder / "plain.onnx", plain.bytes());
    const ModelProto model = read_model(folder / "plain.onnx");
    engine::Engine engine(write(graph::features(engine::opaque(model, image_input(model), "features", 32))), "plain",
                          {.resize = 32, .crop = 32, .mean = mean, .std = std}, {});
    std::vector<float> out(engine.width());
    engine.run(rule::picture(32), 1, out);
    return out;
  }
  TestFolder folder;
};

constexpr std::array<float, 3> kHalf{0.5F, 0.5F, 0.5F}, kMean{0.485F, 0.456F, 0.406F}, kStd{0.229F, 0.224F, 0.225F};

/// x / 127.5 - 1, as Keras' Rescaling and MobileNet have it.
TEST_F(InputScales, RescalingTo_1_1) {
  MadeModel model;
  model.input("x", kPicture).floats("a", {}, {1 / 127.5F}).floats("b", {}, {1}).node("Mul", {"x", "a"}, {"m"}).node("Sub", {"m", "b"}, {"n"});
  const auto network = open(small_network(model, "n").output("logits"));
  EXPECT_EQ(network.scale.nodes, 2U);
  ASSERT_TRUE(network.told);
  EXPECT_STREQ(network.told->name, "0..255");
  EXPECT_FALSE(network.told->bgr);
  EXPECT_TRUE(network.reading.graph) << network.reading.reason;
  expect_close(features(network, *network.told), expected(kHalf, kHalf));
}

/// (x - mean) / std, and with x / 255 before it.
TEST_F(InputScales, MeanAndDeviationInside) {
  for (const bool bytes : {false, true}) {
    MadeModel model;
    model.input("x", kPicture)
        .floats("byte", {}, {255})
        .floats("mean", kChannels, {kMean.begin(), kMean.end()})
        .floats("std", kChannels, {kStd.begin(), kStd.end()});
    if (bytes) model.node("Div", {"x", "byte"}, {"one"});
    model.node("Sub", {bytes ? "one" : "x", "mean"}, {"m"}).node("Div", {"m", "std"}, {"n"});
    const auto network = open(small_network(model, "n").output("logits"));
    ASSERT_TRUE(network.told);
    EXPECT_STREQ(network.told->name, bytes ? "0..255" : "0..1");
    expect_close(features(network, *network.told), expected(kMean, kStd));
  }
}

/// Caffe's: the picture is blue first, and less its mean.
TEST_F(InputScales, CaffeMeanTellsBlueFirst) {
  const std::array<float, 3> mean{123.68F / 255, 116.779F / 255, 103.939F / 255}, byte{1 / 255.F, 1 / 255.F, 1 / 255.F};
  for (const bool swaps : {false, true}) {  // with the swap inside the file takes red first
    MadeModel model;
    model.input("x", {-1, 32, 32, 3}).floats("mean", {3}, {103.939F, 116.779F, 123.68F});
    for (const auto& [name, value] : {std::pair{"begin", -1}, {"end", -1000}, {"axis", 3}, {"step", -1}}) model.ints(name, {1}, {value});
    if (swaps) model.node("Slice", {"x", "begin", "end", "axis", "step"}, {"y"});
    model.node("Sub", {swaps ? "y" : "x", "mean"}, {"m"}).node("Transpose", {"m"}, {"n"}, {{"perm", std::vector<int64_t>{0, 3, 1, 2}}});
    const auto network = open(small_network(model, "n").output("logits"));
    ASSERT_TRUE(network.told);
    EXPECT_EQ(network.told->bgr, !swaps);
    expect_close(features(network, *network.told), expected(mean, byte, true));
  }
}

TEST_F(InputScales, BytesAreCast) {
  MadeModel model;
  model.input("x", kPicture, tensor::kUint8).node("Cast", {"x"}, {"f"}, {{"to", int64_t{1}}});
  const auto network = open(small_network(model, "f").output("logits"));
  ASSERT_TRUE(network.told);
  EXPECT_STREQ(network.told->name, "0..255");
  const std::array<float, 3> byte{1 / 255.F, 1 / 255.F, 1 / 255.F};
  expect_close(features(network, *network.told), expected({0, 0, 0}, byte));
}

/// The frozen form swaps the picture, too; a division alone tells nothing of the mean, and values read twice stay.
TEST_F(InputScales, WhatTellsNothing) {
  MadeModel model;
  model.input("x", kPicture).floats("std", kChannels, {58.4F, 57.1F, 57.4F}).floats("two", {}, {2});
  model.node("Div", {"x", "std"}, {"n"});
  const auto network = open(small_network(model, "n").node("Mul", {"logits", "two"}, {"twice"}).output("twice"), "features");
  EXPECT_FALSE(network.told);
  EXPECT_EQ(network.scale.nodes, 1U);
  const PictureScale& caffe = usual_scales().back();
  const std::array<float, 3> std{57.4F / 255, 57.1F / 255, 58.4F / 255};
  expect_close(features(network, caffe), expected(caffe.mean, std, true));

  MadeModel twice;
  twice.input("x", kPicture).floats("half", {}, {0.5F}).node("Sub", {"x", "half"}, {"n"}).node("Mul", {"x", "half"}, {"other"}).output("other");
  EXPECT_EQ(open(small_network(twice, "n").output("logits"), "features").scale.nodes, 0U);
}

TEST_F(InputScales, AGreyPictureHasOneChannel) {
  MadeModel model;
  model.input("x", {-1, 1, 28, 28});
  const auto network = open(small_network(model, "x", 1, 1).output("logits"));
  const PictureScale& unit = usual_scales()[1];
  EXPECT_TRUE(engine::preprocess_of(network, unit).grey);
  EXPECT_EQ(engine::graph_of(network, unit).input_dims(), (graph::Dims{1, 32, 32}));
}

/// Dense(1) and a sigmoid; the version converter's softmax; int8 at the end.
TEST_F(InputScales, TheCutIsBeforeTheLastLayer) {
  MadeModel sigmoid;
  sigmoid.input("x", kPicture);
  small_network(sigmoid, "x", 1, 3, 1).node("Sigmoid", {"logits"}, {"p"}).output("p");
  MadeModel converted;
  converted.input("x", kPicture).ints("shape", {2}, {-1, 4});
  small_network(converted, "x").node("Flatten", {"logits"}, {"f"}).node("Softmax", {"f"}, {"s"}).node("Reshape", {"s", "shape"}, {"p"}).output("p");
  for (const MadeModel* model : {&sigmoid, &converted}) {
    const auto network = open(*model);
    EXPECT_EQ(network.features, "features");
    EXPECT_TRUE(network.reading.graph) << network.reading.reason;
    EXPECT_EQ(graph::feature_count(engine::graph_of(network, usual_scales().front())), 16);
  }
  MadeModel int8;
  int8.input("x", kPicture).floats("scale", {}, {0.1F});
  small_network(int8, "x").node("QuantizeLinear", {"logits", "scale"}, {"q"}).node("DequantizeLinear", {"q", "scale"}, {"p"}).output("p");
  const auto network = open(int8);
  EXPECT_FALSE(network.reading.graph);
  EXPECT_EQ(network.features, "features");
  EXPECT_EQ(graph::feature_count(engine::graph_of(network, usual_scales().front())), 16);
}

TEST_F(InputScales, TooFewFeaturesAreAnErrorThatListsTensors) {
  MadeModel model;
  model.input("x", kPicture).noise("w", {2, 4}, 1).noise("b", {2}, 1);
  small_network(model, "x").node("Gemm", {"logits", "w", "b"}, {"answer"}, {{"transB", int64_t{1}}}).output("answer");
  const auto network = open(model);
  try {
    engine::graph_of(network, usual_scales().front());
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.fact(), "4 features before its last layer, expected at least 16");
    EXPECT_EQ(e.hint(), "choose where it ends with --tensor: map 16x16x16, active 16x16x16, mean 16x1x1, features 16");
  }
  EXPECT_EQ(graph::feature_count(engine::graph_of(open(model, "features"), usual_scales().front())), 16);
}

/// A 128-d embedding is the output of a dense layer; a projection one of a 1x1 convolution.
TEST_F(InputScales, ATensorThatIsNamedIsWhereItEnds) {
  MadeModel model;
  model.input("x", kPicture).noise("p.weight", {5, 16, 1, 1}, 1).noise("p.bias", {5}, 1);
  small_network(model, "x", 1, 3, 24).node("Conv", {"active", "p.weight", "p.bias"}, {"projected"}).output("logits").output("projected");
  for (const auto& [tensor, features] : {std::pair{"logits", 24}, {"projected", 5}, {"features", 16}}) {
    const auto network = open(model, tensor);
    EXPECT_TRUE(network.reading.graph) << network.reading.reason;
    EXPECT_EQ(graph::feature_count(engine::graph_of(network, usual_scales().front())), features) << tensor;
  }
}

TEST_F(InputScales, RemarksOnMapsAndSeveralOutputs) {
  MadeModel model;
  model.input("x", kPicture).noise("k", {20, 16, 1, 1}, 1).floats("scale", {}, {0.1F});
  small_network(model, "x").node("Conv", {"active", "k"}, {"boxes_raw"}).node("Elu", {"boxes_raw"}, {"boxes"}).output("boxes").output("logits");
  const auto network = open(model);
  const std::vector<std::string> remarks = engine::remarks_on(network, engine::graph_of(network, usual_scales().front()));
  ASSERT_EQ(remarks.size(), 4U);
  EXPECT_TRUE(
      remarks[0].ends_with("is used frozen, up to its tensor boxes (20 features), since graft has no operator for it: node of 'boxes': operator Elu"))
      << remarks[0];
  EXPECT_EQ(remarks[1], "its features are the average over a map of 20x16x16");
  EXPECT_EQ(remarks[2], "it has 2 outputs, 'boxes', 'logits': the network is taken up to boxes; --tensor names another end");
  EXPECT_TRUE(remarks[3].starts_with("it looks like a detector: "));
}

/// Opset 7: bounds and amounts are attributes, and a mirror image cannot be a Slice.
TEST_F(InputScales, OldOpsets) {
  MadeModel model;
  model.input("x", kPicture).node("Clip", {"x"}, {"c"}, {{"min", -1.F}, {"max", 1.F}});
  const auto network = open(small_network(model, "c").output("logits"), "", 7);
  EXPECT_FALSE(network.reading.graph);
  graph::Graph graph = graph::replace_head(engine::graph_of(network, usual_scales()[1]), 3, {.mirror = true});
  rule::fill(graph);
  EXPECT_EQ(answer_of(graph, 32).size(), 3U);
}

TEST_F(InputScales, DynamicInt8IsRefusedWithTheReason) {
  MadeModel model;
  model.input("x", kPicture).node("DynamicQuantizeLinear", {"x"}, {"q", "s", "z"}).node("DequantizeLinear", {"q", "s", "z"}, {"f"});
  try {
    open(small_network(model, "f").output("logits"));
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.fact(), "node of 'q' quantizes to int8 by each batch's own range, so answers would depend on the other photos");
  }
}

}  // namespace
}  // namespace graft::onnx
