#include "graft/onnx/write.h"

#include <protozero/pbf_writer.hpp>

#include <string>
#include <variant>
#include <vector>

#include "graft/base/error.h"
#include "graft/graph/walks.h"
#include "graft/onnx/fields.h"

namespace graft::onnx {
namespace {

using graph::Overloaded;
using protozero::pbf_writer;
using Ints = std::vector<int64_t>;

constexpr const char* kZero = "zero";
constexpr const char* kSix = "six";

struct Attribute {
  const char* name;
  std::variant<int64_t, float, std::string, Ints> value;
};

/// What one operator becomes. `constants` are inputs beside the operator's own; an empty `type` is an identity that leaves no node.
struct Emitted {
  const char* type;
  std::vector<Attribute> attributes = {};
  std::vector<std::string> constants = {};
  bool flatten = false;  // ONNX's global pool keeps (C, 1, 1), a Graph's does not
};

Emitted emit(const graph::Operator& op) {
  return std::visit(Overloaded{
                        [](const graph::Input&) { return Emitted{""}; },
                        [](const graph::Conv2d& c) {
                          Emitted e{"Conv", {{"kernel_shape", Ints{c.kernel, c.kernel}}, {"strides", Ints{c.stride, c.stride}}, {"group", c.groups}}};
                          const int64_t p = c.padding.value_or(c.kernel / 2);
                          if (c.same) e.attributes.push_back({"auto_pad", std::string("SAME_UPPER")});
                          else e.attributes.push_back({"pads", Ints{p, p, p, p}});
                          return e;
                        },
                        [](const graph::BatchNorm& b) {
                          return Emitted{"BatchNormalization", {{"epsilon", static_cast<float>(b.eps)}}};
                        },
                        [](const graph::Linear&) {
                          return Emitted{"Gemm", {{"transB", int64_t{1}}}};
                        },
                        [](const graph::Activation& a) {
                          switch (a.function) {
                            case graph::Function::relu: return Emitted{"Relu"};
                            case graph::Function::relu6: return Emitted{"Clip", {}, {kZero, kSix}};
                          }
                          std::abort();
                        },
                        [](const graph::MaxPool& p) {
                          return Emitted{"MaxPool",
                                         {{"kernel_shape", Ints{p.kernel, p.kernel}},
                                          {"strides", Ints{p.stride, p.stride}},
                                          {"pads", Ints{p.padding, p.padding, p.padding, p.padding}},
                                          {"ceil_mode", int64_t{p.ceil}}}};
                        },
                        [](const graph::GlobalAveragePool&) {
                          return Emitted{"GlobalAveragePool", {}, {}, true};
                        },
                        [](const graph::Dropout&) { return Emitted{""}; },
                        [](const graph::Add&) { return Emitted{"Add"}; },
                        [](const graph::Concat&) {
                          return Emitted{"Concat", {{"axis", int64_t{1}}}};
                        },
                    },
                    op);
}

void write_attribute(pbf_writer& node, const Attribute& a) {
  pbf_writer out(node, node::kAttribute);
  out.add_string(attribute::kName, a.name);
  std::visit(Overloaded{
                 [&](int64_t v) {
                   out.add_int64(attribute::kInt, v);
                   out.add_enum(attribute::kType, attribute::type_int);
                 },
                 [&](float v) {
                   out.add_float(attribute::kFloat, v);
                   out.add_enum(attribute::kType, attribute::type_float);
                 },
                 [&](const std::string& v) {
                   out.add_string(attribute::kString, v);
                   out.add_enum(attribute::kType, attribute::type_string);
                 },
                 [&](const Ints& v) {
                   for (const int64_t i : v) out.add_int64(attribute::kInts, i);
                   out.add_enum(attribute::kType, attribute::type_ints);
                 },
             },
             a.value);
}

void write_node(pbf_writer& graph_out, const Emitted& e, const std::vector<std::string>& inputs, const std::string& output) {
  pbf_writer out(graph_out, graph_proto::kNode);
  for (const std::string& input : inputs) out.add_string(node::kInput, input);
  out.add_string(node::kOutput, output);
  out.add_string(node::kName, output);
  out.add_string(node::kOperator, e.type);
  for (const Attribute& a : e.attributes) write_attribute(out, a);
}

void write_tensor(pbf_writer& graph_out, const std::string& name, const graph::Dims& shape, std::span<const float> values) {
  pbf_writer out(graph_out, graph_proto::kInitializer);
  for (const int64_t d : shape) out.add_int64(tensor::kDims, d);
  out.add_int32(tensor::kType, tensor::kFloat32);
  out.add_string(tensor::kName, name);
  out.add_bytes(tensor::kRaw, reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

void write_value_info(pbf_writer& graph_out, protozero::pbf_tag_type tag, const std::string& name, const graph::Dims& dims) {
  pbf_writer out(graph_out, tag);
  out.add_string(value_info::kName, name);
  pbf_writer type_out(out, value_info::kType);
  pbf_writer tensor_type(type_out, type::kTensor);
  tensor_type.add_int32(type::kElement, tensor::kFloat32);
  pbf_writer shape(tensor_type, type::kShape);
  pbf_writer(shape, type::kDim).add_string(type::kDimParameter, "N");
  for (const int64_t d : dims) pbf_writer(shape, type::kDim).add_int64(type::kDimValue, d);
}

void write_graph(pbf_writer& model_out, const graph::Graph& graph, const std::string& output) {
  pbf_writer out(model_out, model::kGraph);
  std::vector<std::string> value_of(graph.nodes.size());  // the ONNX value that holds a node's output
  value_of[0] = "image";
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const graph::Node& n = graph.nodes[i];
    const Emitted e = emit(n.op);
    const auto input = [&](int node) { return value_of[static_cast<std::size_t>(node)]; };
    if (*e.type == '\0') {
      value_of[i] = input(n.inputs[0]);
      continue;
    }
    const bool last = i + 1 == graph.nodes.size();
    value_of[i] = last ? output : std::string(e.type) + "_" + std::to_string(i);
    std::vector<std::string> inputs;
    for (const int node : n.inputs) inputs.push_back(input(node));
    for (const int p : n.parameters) inputs.push_back(graph.parameters[static_cast<std::size_t>(p)].name);
    inputs.insert(inputs.end(), e.constants.begin(), e.constants.end());
    if (e.flatten) {
      write_node(out, e, inputs, value_of[i] + "_pooled");
      write_node(out, {"Flatten", {{"axis", int64_t{1}}}}, {value_of[i] + "_pooled"}, value_of[i]);
    } else {
      write_node(out, e, inputs, value_of[i]);
    }
  }
  out.add_string(graph_proto::kName, graph.name);
  for (const graph::Parameter& p : graph.parameters) {
    if (p.tensor.empty()) throw data_error(graph.name, p.name + " has no values", "load weights first");
    write_tensor(out, p.name, p.shape, p.tensor.values);
  }
  constexpr float kClip[] = {0.F, 6.F};
  write_tensor(out, kZero, {}, {kClip, 1});
  write_tensor(out, kSix, {}, {kClip + 1, 1});
  write_value_info(out, graph_proto::kInput, "image", graph.input_dims());
  write_value_info(out, graph_proto::kOutput, output, graph.output_dims());
}

}  // namespace

std::string write(const graph::Graph& graph, const Metadata& metadata, const std::string& output) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_int64(model::kIrVersion, 8);
  out.add_string(model::kProducer, "graft");
  write_graph(out, graph, output);
  pbf_writer(out, model::kOpset).add_int64(opset::kVersion, 17);
  for (const auto& [key, value] : metadata) {
    pbf_writer pair(out, model::kMetadata);
    pair.add_string(entry::kKey, key);
    pair.add_string(entry::kValue, value);
  }
  return bytes;
}

}  // namespace graft::onnx
