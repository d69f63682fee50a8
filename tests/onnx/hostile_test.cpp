#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <protozero/pbf_writer.hpp>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/onnx/fields.h"
#include "graft/onnx/read_graph.h"

namespace graft::onnx {
namespace {

using protozero::pbf_writer;

std::string error_of(const std::filesystem::path& path) {
  try {
    const ModelProto model = read_model(path);
    const ImageInput input = image_input(model);
    const Reading reading = read_graph(model, input, 32);
    return reading.graph ? "no error" : "no graph: " + reading.reason;
  } catch (const Error& e) {
    return e.what();
  }
}

/// A model of one Conv over a picture; `tensor` writes its weights.
template <class Weights>
std::string model_of(Weights&& tensor, const std::vector<int64_t>& input = {-1, 3, 32, 32}, int input_type = tensor::kFloat32, int inputs = 1) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_int64(model::kIrVersion, 8);
  {
    pbf_writer graph(out, model::kGraph);
    {
      pbf_writer node(graph, graph_proto::kNode);
      node.add_string(node::kInput, "image");
      node.add_string(node::kInput, "w");
      node.add_string(node::kOutput, "y");
      node.add_string(node::kOperator, "Conv");
    }
    pbf_writer weights(graph, graph_proto::kInitializer);
    tensor(weights);
    weights.commit();
    for (int i = 0; i < inputs; ++i) {
      pbf_writer value(graph, graph_proto::kInput);
      value.add_string(value_info::kName, i == 0 ? "image" : "text");
      pbf_writer holder(value, value_info::kType);
      pbf_writer type_out(holder, type::kTensor);
      type_out.add_int32(type::kElement, input_type);
      pbf_writer shape(type_out, type::kShape);
      for (const int64_t d : input) {
        pbf_writer dim(shape, type::kDim);
        if (d >= 0) dim.add_int64(type::kDimValue, d);
        else dim.add_string(type::kDimParameter, "N");
      }
    }
    pbf_writer(graph, graph_proto::kOutput).add_string(value_info::kName, "y");
  }
  pbf_writer(out, model::kOpset).add_int64(opset::kVersion, 17);
  return bytes;
}

auto weights(std::vector<int64_t> dims, std::size_t raw_bytes, int type = tensor::kFloat32, const std::string& name = "w") {
  return [=](pbf_writer& out) {
    for (const int64_t d : dims) out.add_int64(tensor::kDims, d);
    out.add_int32(tensor::kType, type);
    out.add_string(tensor::kName, name);
    out.add_bytes(tensor::kRaw, std::string(raw_bytes, '\1'));
  };
}

auto outside(std::string location, std::string offset, std::string length) {
  return [=](pbf_writer& out) {
    for (const int64_t d : {4, 3, 1, 1}) out.add_int64(tensor::kDims, d);
    out.add_int32(tensor::kType, tensor::kFloat32);
    out.add_string(tensor::kName, "w");
    for (const auto& [key, value] : {std::pair{"location", location}, {"offset", offset}, {"length", length}}) {
      pbf_writer pair(out, tensor::kExternal);
      pair.add_string(entry::kKey, key);
      pair.add_string(entry::kValue, value);
    }
    out.add_int32(tensor::kLocation, 1);
  };
}

class Hostile : public testing::Test {
 protected:
  std::string error(const std::string& bytes) {
    const std::filesystem::path path = folder / "m.onnx";
    write_file(path, bytes);
    std::string text = error_of(path);
    if (text.starts_with(path.string())) text = text.substr(path.string().size() + 2);
    return text;
  }
  TestFolder folder;
};

TEST_F(Hostile, TheSampleItselfIsGood) { EXPECT_EQ(error(model_of(weights({4, 3, 1, 1}, 48))), "no error"); }

TEST_F(Hostile, TensorsMustBeAsLargeAsTheySay) {
  EXPECT_EQ(error(model_of(weights({4, 3, 1, 1}, 44))), "tensor 'w': 44 bytes for 4x3x1x1, expected 48; export the model again");
  EXPECT_EQ(error(model_of(weights({int64_t{1} << 40, int64_t{1} << 40}, 4))), "tensor 'w': a dimension of 1099511627776; export the model again");
  EXPECT_EQ(error(model_of(weights({-4, 3, 1, 1}, 4))), "tensor 'w': a dimension of -4; export the model again");
  EXPECT_EQ(error(model_of(weights({1, 1, 1, 1, 1, 1, 1, 1, 1}, 4))), "tensor 'w': 9 dimensions, expected at most 8; export the model again");
  EXPECT_EQ(error(model_of(weights({4, 3, 1, 1}, 48, 99))), "tensor 'w': element type 99, expected numbers of 8 to 64 bits; export it unquantized");
}

TEST_F(Hostile, ExternalDataStaysBesideTheFile) {
  write_file(folder / "w.data", std::string(64, '\1'));
  EXPECT_EQ(error(model_of(outside("w.data", "16", "48"))), "no error");
  EXPECT_EQ(error(model_of(outside("w.data", "32", "48"))), "tensor 'w': 48 bytes from byte 32 on of 'w.data', which has 64; copy that file again");
  EXPECT_EQ(error(model_of(outside("w.data", "18446744073709551615", "48"))),
            "tensor 'w': 48 bytes from byte 18446744073709551615 on of 'w.data', which has 64; copy that file again");
  EXPECT_EQ(error(model_of(outside("w.data", "-1", "48"))), "tensor 'w': its offset or length is '-1', expected a number; export the model again");
  for (const std::string place : {"../w.data", "/etc/passwd", "a/../../w.data", ""})
    EXPECT_EQ(error(model_of(outside(place, "0", "48"))),
              "tensor 'w': its values are said to be in '" + place + "', outside the model's folder; export the model again");
  EXPECT_EQ(error(model_of(outside("none.data", "0", "48"))),
            "tensor 'w': its values are in 'none.data', which is not next to the model; copy that file, too");
  const TestFolder elsewhere;
  write_file(elsewhere / "secret", std::string(64, '\1'));
  std::filesystem::create_symlink(elsewhere / "secret", folder / "link.data");
  EXPECT_EQ(error(model_of(outside("link.data", "0", "48"))),
            "tensor 'w': its values are said to be in 'link.data', outside the model's folder; export the model again");
}

TEST_F(Hostile, TheInputMustBeAPicture) {
  const auto good = weights({4, 3, 1, 1}, 48);
  EXPECT_EQ(error(model_of(good, {-1, 3, 32, 32}, tensor::kFloat32, 2)),
            "2 inputs, 'image', 'text', expected one picture; export the image encoder alone");
  EXPECT_EQ(error(model_of(good, {-1, 10})),
            "its input 'image' is ?x10, expected a picture, Nx3xHxW or NxHxWx3, or of one channel; export the image encoder alone");
  EXPECT_EQ(error(model_of(good, {1, 2, 28, 28})),
            "its input 'image' is 1x2x28x28, expected a picture, Nx3xHxW or NxHxWx3, or of one channel; export the image encoder alone");
  EXPECT_EQ(error(model_of(good, {-1, 3, 32, 32}, tensor::kInt32)),
            "its input 'image' is neither floats nor bytes, expected a picture in float32; export the model without its preprocessing");
}

TEST_F(Hostile, ATruncatedFileIsAnErrorWhereverItEnds) {
  const std::string whole = model_of(weights({4, 3, 1, 1}, 48));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(error(whole.substr(0, size)), "truncated, or not an ONNX file; copy the file again") << size;
  EXPECT_EQ(error("this is text, not a model"), "truncated, or not an ONNX file; copy the file again");
}

/// A chain of layers that share one matrix would each take a copy of it.
TEST_F(Hostile, WeightsAreNotCopiedMoreThanTheFileIsLarge) {
  std::string bytes;
  pbf_writer out(bytes);
  {
    pbf_writer graph(out, model::kGraph);
    const auto node = [&](const char* type, const std::vector<std::string>& inputs, const std::string& output) {
      pbf_writer n(graph, graph_proto::kNode);
      for (const std::string& input : inputs) n.add_string(node::kInput, input);
      n.add_string(node::kOutput, output);
      n.add_string(node::kOperator, type);
    };
    node("GlobalAveragePool", {"image"}, "mean");
    node("Flatten", {"mean"}, "v0");
    for (int i = 0; i < 50'000; ++i) node("MatMul", {"v" + std::to_string(i), i == 0 ? "w" : "q"}, "v" + std::to_string(i + 1));
    {
      pbf_writer w(graph, graph_proto::kInitializer);
      weights({3, 1024}, 3 * 1024 * 4)(w);
      w.commit();
      pbf_writer q(graph, graph_proto::kInitializer);
      weights({1024, 1024}, 1024 * 1024 * 4, tensor::kFloat32, "q")(q);
    }
    pbf_writer value(graph, graph_proto::kInput);
    value.add_string(value_info::kName, "image");
    pbf_writer holder(value, value_info::kType);
    pbf_writer type_out(holder, type::kTensor);
    type_out.add_int32(type::kElement, tensor::kFloat32);
    pbf_writer shape(type_out, type::kShape);
    for (const int64_t d : {1, 3, 32, 32}) pbf_writer(shape, type::kDim).add_int64(type::kDimValue, d);
    shape.commit(), type_out.commit(), holder.commit(), value.commit();
    pbf_writer(graph, graph_proto::kOutput).add_string(value_info::kName, "v50000");
  }
  pbf_writer(out, model::kOpset).add_int64(opset::kVersion, 17);
  const std::string text = error(bytes);
  EXPECT_TRUE(text.ends_with("the same weights in too many layers")) << text;
}

/// Whatever bytes are broken: an answer or an Error, never a crash.
TEST_F(Hostile, BrokenBytesNeverCrash) {
  const std::string whole = model_of(weights({4, 3, 1, 1}, 48));
  EXPECT_TRUE(rc::check([&] {
    std::string bytes = whole;
    for (int i = 0, n = *rc::gen::inRange(1, 8); i < n; ++i)
      bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = static_cast<char>(*rc::gen::inRange(0, 256));
    RC_ASSERT(!error(bytes).empty());
  }));
}

}  // namespace
}  // namespace graft::onnx
