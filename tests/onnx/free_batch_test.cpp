// Networks that were exported for one picture, that lack operators, or that take one size only.
#include "graft/onnx/free_batch.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/engine/onnx_network.h"
#include "graft/graph/walks.h"
#include "onnx/fixtures.h"
#include "onnx/made_model.h"

namespace graft::onnx {
namespace {

const std::vector<int64_t> kOne{1, 3, 32, 32}, kAny{-1, 3, 32, 32};

class FreeBatch : public testing::Test {
 protected:
  engine::OnnxNetwork open(const MadeModel& model, std::optional<Size> size = {}, const std::string& tensor = "") const {
    write_file(folder / "m.onnx", model.bytes());
    return engine::read_onnx(folder / "m.onnx", size, tensor);
  }
  std::string error(const MadeModel& model, std::optional<Size> size = {}) const {
    const std::string path = (folder / "m.onnx").string() + ": ";
    const std::string text = test::message_of([&] { engine::graph_of(open(model, size), usual_scales().front()); });
    return text.starts_with(path) ? text.substr(path.size()) : text;
  }
  TestFolder folder;
};

/// From a picture of one: "x" -> an Elu, which no operator of graft is, so that the network stays what it is -> "map" (N, 16, 16, 16).
MadeModel opaque_start(const std::vector<int64_t>& picture) {
  MadeModel model;
  model.input("x", picture).noise("k", {16, 3, 2, 2}, 1).noise("kb", {16}, 0.1F);
  model.node("Conv", {"x", "k", "kb"}, {"c"}, {{"strides", std::vector<int64_t>{2, 2}}}).node("Elu", {"c"}, {"map"});
  return model;
}

MadeModel& with_head(MadeModel& model, const std::string& features, int64_t width) {
  return model.noise("w", {4, width}, 1).noise("b", {4}, 1).node("Gemm", {features, "w", "b"}, {"logits"}, {{"transB", int64_t{1}}}).output("logits");
}

/// Features of two pictures at once and one by one are the same, by the engine.
void expect_rows_apart(const engine::OnnxNetwork& network) {
  const graph::Graph graph = graph::features(engine::graph_of(network, usual_scales().front()));
  const int size = network.size.height;
  engine::Engine two(write(graph), "m", {.resize = size, .crop = size}, {.batch = 2}),
      one(write(graph), "m", {.resize = size, .crop = size}, {.batch = 1});
  std::vector<uint8_t> pictures = rule::picture(size);
  const std::size_t bytes = pictures.size();
  pictures.resize(2 * bytes);
  for (std::size_t i = 0; i < bytes; ++i) pictures[bytes + i] = static_cast<uint8_t>(255 - pictures[i]);
  std::vector<float> at_once(2 * two.width()), alone(at_once.size());
  two.run(pictures, 2, at_once);
  one.run(pictures, 2, alone);
  expect_close(at_once, alone);
  EXPECT_NE(alone[0], alone[one.width()]);
}

TEST_F(FreeBatch, AReshapeThatHoldsIt) {
  MadeModel model = opaque_start(kOne);
  model.ints("shape", {2}, {1, 16}).node("GlobalAveragePool", {"map"}, {"mean"}).node("Reshape", {"mean", "shape"}, {"features"});
  const auto network = open(with_head(model, "features", 16));
  EXPECT_FALSE(network.reading.graph);
  EXPECT_TRUE(network.batch_freed);
  expect_rows_apart(network);
  const auto remarks = engine::remarks_on(network, engine::graph_of(network, usual_scales().front()));
  EXPECT_EQ(remarks.at(1), "it was exported for one picture at a time; it was changed to take several, and gives the same output");
}

TEST_F(FreeBatch, GroupsOfChannelsAndWindows) {
  MadeModel shuffled = opaque_start(kOne);  // as ShuffleNet
  shuffled.ints("groups", {5}, {1, 2, 8, 16, 16}).ints("whole", {4}, {1, 16, 16, 16}).node("Reshape", {"map", "groups"}, {"g"});
  shuffled.node("Transpose", {"g"}, {"t"}, {{"perm", std::vector<int64_t>{0, 2, 1, 3, 4}}}).node("Reshape", {"t", "whole"}, {"s"});
  shuffled.node("GlobalAveragePool", {"s"}, {"mean"}).node("Flatten", {"mean"}, {"features"});
  MadeModel windows = opaque_start(kOne);  // as Swin: windows become the batch and go back
  windows.ints("cut", {6}, {1, 16, 2, 8, 2, 8}).ints("each", {3}, {4, 64, 16}).ints("back", {6}, {1, 2, 2, 8, 8, 16}).ints("axis", {1}, {1});
  windows.node("Reshape", {"map", "cut"}, {"a"}).node("Transpose", {"a"}, {"b0"}, {{"perm", std::vector<int64_t>{0, 2, 4, 3, 5, 1}}});
  windows.node("Reshape", {"b0", "each"}, {"c0"}).node("Softmax", {"c0"}, {"d0"}, {{"axis", int64_t{1}}}).node("Reshape", {"d0", "back"}, {"e0"});
  windows.node("ReduceMax", {"e0"}, {"features"}, {{"axes", std::vector<int64_t>{1, 2, 3, 4}}, {"keepdims", int64_t{0}}});
  for (MadeModel* model : {&shuffled, &windows}) {
    const auto network = open(with_head(*model, "features", 16));
    EXPECT_TRUE(network.batch_freed);
    expect_rows_apart(network);
  }
}

/// As PyTorch writes them up to opset 8: each number of the shape is a constant of its own.
TEST_F(FreeBatch, AShapePutTogetherOfConstants) {
  MadeModel model = opaque_start(kOne);
  const std::vector<int64_t> axes{0};
  for (const auto& [name, number] : {std::pair{"one", 1}, {"groups", 2}, {"each", 8}, {"side", 16}}) {
    const std::string whole = std::string(name) + "c";
    if (number > 2) model.floats(name, {}, {static_cast<float>(number)});
    else model.ints(name, {}, {number});
    model.node("Cast", {name}, {whole}, {{"to", int64_t{tensor::kInt64}}});
    model.node("Unsqueeze", {whole}, {std::string(name) + "u"}, {{"axes", axes}});
  }
  model.node("Concat", {"oneu", "groupsu", "eachu", "sideu", "sideu"}, {"cut"}, {{"axis", int64_t{0}}}).ints("whole", {4}, {1, 16, 16, 16});
  model.node("Reshape", {"map", "cut"}, {"g"}).node("Transpose", {"g"}, {"t"}, {{"perm", std::vector<int64_t>{0, 2, 1, 3, 4}}});
  model.node("Reshape", {"t", "whole"}, {"s"}).node("GlobalAveragePool", {"s"}, {"mean"}).node("Flatten", {"mean"}, {"features"});
  with_head(model, "features", 16);
  write_file(folder / "m.onnx", model.bytes(8));
  const auto network = engine::read_onnx(folder / "m.onnx", {}, "");
  EXPECT_TRUE(network.batch_freed);
  expect_rows_apart(network);
}

/// As a constant, and as PyTorch writes token.expand(1, -1, -1).
TEST_F(FreeBatch, AClassTokenIsRepeated) {
  for (const bool expanded : {false, true}) {
    MadeModel model = opaque_start(kOne);
    if (expanded) model.ints("three", {3}, {1, 1, 1}).node("Expand", {"token", "three"}, {"wide"});
    model.noise("token", {1, 1, 16}, 1).ints("tokens", {3}, {1, 16, 256}).ints("first", {}, {0}).noise("mix", {1, 257, 257}, 0.1F);
    model.node("Reshape", {"map", "tokens"}, {"r"}).node("Transpose", {"r"}, {"t"}, {{"perm", std::vector<int64_t>{0, 2, 1}}});
    model.node("Concat", {expanded ? "wide" : "token", "t"}, {"all"}, {{"axis", int64_t{1}}}).node("MatMul", {"mix", "all"}, {"mixed"});
    model.node("Gather", {"mixed", "first"}, {"features"}, {{"axis", int64_t{1}}});
    const auto network = open(with_head(model, "features", 16));
    EXPECT_TRUE(network.batch_freed);
    expect_rows_apart(network);
  }
}

/// The first dimension is the places here, and the batch the second: it cannot be freed so, and is no batch that the answers would mix.
TEST_F(FreeBatch, WhatWouldComputeOtherwiseStays) {
  MadeModel model = opaque_start(kOne);
  model.ints("tokens", {3}, {1, 16, 256}).ints("heads", {3}, {256, 4, 4}).ints("back", {3}, {256, 1, 16});
  model.node("Reshape", {"map", "tokens"}, {"r"}).node("Transpose", {"r"}, {"t"}, {{"perm", std::vector<int64_t>{2, 0, 1}}});
  model.node("Reshape", {"t", "heads"}, {"h"}).node("Softmax", {"h"}, {"s"}, {{"axis", int64_t{0}}}).node("Reshape", {"s", "back"}, {"u"});
  model.node("Transpose", {"u"}, {"v"}, {{"perm", std::vector<int64_t>{1, 0, 2}}});
  model.node("ReduceMax", {"v"}, {"features"}, {{"axes", std::vector<int64_t>{1}}, {"keepdims", int64_t{0}}});
  with_head(model, "features", 16);
  EXPECT_FALSE(open(model).batch_freed);
  const std::string text = error(model);
  EXPECT_TRUE(text.starts_with("its nodes have a fixed batch size: ")) << text;
  EXPECT_TRUE(text.ends_with("; export the model with a dynamic batch size")) << text;
}

/// What takes any number of pictures is left as it is.
TEST_F(FreeBatch, NothingIsChangedWithoutNeed) {
  MadeModel model = opaque_start(kAny);
  model.node("GlobalAveragePool", {"map"}, {"mean"}).node("Flatten", {"mean"}, {"features"});
  EXPECT_FALSE(open(with_head(model, "features", 16)).batch_freed);
}

TEST_F(FreeBatch, OperatorsThatOpenVinoLacksAreNamed) {
  MadeModel model = opaque_start(kAny);
  model.node("NoSuchThing", {"map"}, {"n"}).node("GlobalAveragePool", {"n"}, {"mean"}).node("Flatten", {"mean"}, {"features"});
  const std::string text = error(with_head(model, "features", 16));
  EXPECT_EQ(text, "OpenVINO does not support its operators NoSuchThing-17; export it without them, or end the network before them with --tensor");
}

/// The picture's sides are free, the nodes are for 64x64.
TEST_F(FreeBatch, AWrongSizeIsCalledSo) {
  MadeModel model = opaque_start({-1, 3, -1, -1});
  model.ints("shape", {2}, {-1, 16 * 32 * 32}).node("Reshape", {"map", "shape"}, {"flat"});
  model.noise("p", {16 * 32 * 32, 32}, 1).node("MatMul", {"flat", "p"}, {"features"});
  with_head(model, "features", 32);
  std::string text = error(model);
  EXPECT_TRUE(text.starts_with("does not take pictures of 224x224: ")) << text;
  EXPECT_TRUE(text.ends_with("; it takes 64x64: --size 64")) << text;
  EXPECT_EQ(error(model, 64), "no error");
}

/// A picture of one channel, smaller than any photo.
TEST_F(FreeBatch, GreyPicturesOfFewPixels) {
  MadeModel model;
  model.input("x", {-1, 1, 16, 16});
  const auto network = open(small_network(model, "x", 1, 1).output("logits"));
  EXPECT_EQ(network.size, 16);
  EXPECT_TRUE(engine::preprocess_of(network, usual_scales().front()).grey);
  EXPECT_EQ(engine::graph_of(network, usual_scales().front()).input_dims(), (graph::Dims{1, 16, 16}));
}

/// Sides that differ: of a network that becomes a Graph, and of one that stays what it is, also with its channels last.
TEST_F(FreeBatch, NotSquare) {
  MadeModel model;
  model.input("x", {-1, 3, 256, 128});
  const auto network = open(small_network(model, "x").output("logits"));
  EXPECT_EQ(network.size, Size(256, 128));
  EXPECT_EQ(engine::graph_of(network, usual_scales().front()).input_dims(), (graph::Dims{3, 256, 128}));
  EXPECT_EQ(open(model, Size(64, 32)).size, Size(64, 32)) << "as asked, where it takes that";

  MadeModel frozen = opaque_start({-1, 3, 32, 64});
  frozen.node("Transpose", {"map"}, {"last"}, {{"perm", std::vector<int64_t>{0, 2, 3, 1}}}).output("last");
  const graph::Graph graph = engine::graph_of(open(frozen), usual_scales().front());
  EXPECT_EQ(graph.nodes[1].dims, (graph::Dims{16, 16, 32})) << "channels first again";
}

TEST_F(FreeBatch, NoSuchSize) {
  MadeModel model = opaque_start({-1, 3, 64, 32});
  model.ints("shape", {2}, {-1, 16 * 32 * 16}).node("Reshape", {"map", "shape"}, {"flat"}).noise("p", {16 * 32 * 16, 32}, 1);
  model.node("MatMul", {"flat", "p"}, {"features"});
  with_head(model, "features", 32);
  EXPECT_EQ(error(model), "no error");
  const std::string text = error(model, 64);
  EXPECT_TRUE(text.starts_with("does not take pictures of 64x64: ")) << text;
  EXPECT_TRUE(text.ends_with("; omit --size, the file says 64x32")) << text;
  MadeModel huge;
  huge.input("x", {-1, 3, 9000, 32});
  EXPECT_EQ(
      error(small_network(huge, "x").output("logits")),
      "its input 'x' is ?x3x9000x32, expected a picture with sides of at most 8192 pixels; export it for smaller pictures, or with dynamic height "
      "and width");
  MadeModel small;
  small.input("x", {-1, 3, 64, 4});
  EXPECT_EQ(error(small_network(small, "x").output("logits")),
            "pictures of 64x4, expected sides of 8 to 1024; export it for such a size, or with dynamic height and width");
}

}  // namespace
}  // namespace graft::onnx
