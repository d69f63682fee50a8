#include "graft/onnx/write.h"

#include <protozero/pbf_writer.hpp>

#include <limits>
#include <string>
#include <type_traits>
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

// Constants that some operator reads, written once.
constexpr const char* kZero = "zero";
constexpr const char* kSix = "six";
constexpr const char* kMinusOne = "minus_one";
constexpr const char* kWidthAxis = "width_axis";
constexpr const char* kBeforeFirst = "before_first";

struct Attribute {
  const char* name;
  std::variant<int64_t, float, std::string, Ints> value;
};

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

/// The walk: each operator writes one ONNX node, or two where ONNX has no node for it. Inputs are the operator's values, then its parameters.
struct Emit {
  pbf_writer& graph_out;
  std::vector<std::string> inputs;
  std::string output;

  void node(const char* type, const std::vector<Attribute>& attributes, const std::vector<std::string>& from,
            const std::vector<std::string>& to) const {
    pbf_writer out(graph_out, graph_proto::kNode);
    for (const std::string& name : from) out.add_string(node::kInput, name);
    for (const std::string& name : to) out.add_string(node::kOutput, name);
    out.add_string(node::kName, to.front());
    out.add_string(node::kOperator, type);
    for (const Attribute& a : attributes) write_attribute(out, a);
  }
  void node(const char* type, const std::vector<Attribute>& attributes = {}) const { node(type, attributes, inputs, {output}); }

  void operator()(const graph::Input&) const {}
  void operator()(const graph::Conv2d& c) const {
    const int64_t h = c.pad_height(), w = c.pad_width();
    const Attribute padding = c.same ? Attribute{"auto_pad", std::string("SAME_UPPER")} : Attribute{"pads", Ints{h, w, h, w}};
    node("Conv", {{"kernel_shape", Ints{c.kernel, c.kernel_width()}}, {"strides", Ints{c.stride, c.stride}}, {"group", c.groups}, padding});
  }
  void operator()(const graph::BatchNorm& b) const { node("BatchNormalization", {{"epsilon", static_cast<float>(b.eps)}}); }
  void operator()(const graph::Linear&) const { node("Gemm", {{"transB", int64_t{1}}}); }
  void operator()(const graph::Activation& a) const {
    switch (a.function) {
      case graph::Function::relu: return node("Relu");
      case graph::Function::relu6: return node("Clip", {}, {inputs[0], kZero, kSix}, {output});
      case graph::Function::sigmoid: return node("Sigmoid");
      case graph::Function::hard_sigmoid: return node("HardSigmoid", {{"alpha", 1.F / 6.F}});  // relu6(x + 3) / 6
      case graph::Function::silu: node("Sigmoid", {}, inputs, {output + "_gate"}); return node("Mul", {}, {inputs[0], output + "_gate"}, {output});
      case graph::Function::hard_swish: return node("HardSwish");
    }
  }
  void operator()(const graph::MaxPool& p) const {
    node("MaxPool", {{"kernel_shape", Ints{p.kernel, p.kernel}},
                     {"strides", Ints{p.stride, p.stride}},
                     {"pads", Ints{p.padding, p.padding, p.padding, p.padding}},
                     {"ceil_mode", int64_t{p.ceil}}});
  }
  void operator()(const graph::AveragePool& p) const {
    node("AveragePool", {{"kernel_shape", Ints{p.kernel, p.kernel}},
                         {"strides", Ints{p.stride, p.stride}},
                         {"pads", Ints{p.padding, p.padding, p.padding, p.padding}},
                         {"count_include_pad", int64_t{1}}});
  }
  void operator()(const graph::Flatten&) const { node("Flatten", {{"axis", int64_t{1}}}); }
  void operator()(const graph::GlobalAveragePool& p) const {
    if (p.keep) return node("GlobalAveragePool");
    node("GlobalAveragePool", {}, inputs, {output + "_kept"});
    node("Flatten", {{"axis", int64_t{1}}}, {output + "_kept"}, {output});
  }
  void operator()(const graph::Dropout&) const { node("Identity"); }
  void operator()(const graph::Add&) const { node("Add"); }
  void operator()(const graph::Multiply&) const { node("Mul"); }
  void operator()(const graph::Concat&) const { node("Concat", {{"axis", int64_t{1}}}); }
  void operator()(const graph::MirrorViews&) const {
    node("Slice", {}, {inputs[0], kMinusOne, kBeforeFirst, kWidthAxis, kMinusOne}, {output + "_mirror"});
    node("Concat", {{"axis", int64_t{0}}}, {inputs[0], output + "_mirror"}, {output});
  }
  void operator()(const graph::MeanOfViews&) const {
    node("Split", {{"axis", int64_t{0}}}, inputs, {output + "_plain", output + "_mirror"});
    node("Mean", {}, {output + "_plain", output + "_mirror"}, {output});
  }
};

template <class T>
void write_tensor(pbf_writer& graph_out, const std::string& name, const graph::Dims& shape, std::span<const T> values) {
  pbf_writer out(graph_out, graph_proto::kInitializer);
  for (const int64_t d : shape) out.add_int64(tensor::kDims, d);
  out.add_int32(tensor::kType, std::is_same_v<std::remove_const_t<T>, float> ? tensor::kFloat32 : tensor::kInt64);
  out.add_string(tensor::kName, name);
  out.add_bytes(tensor::kRaw, reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

void write_constants(pbf_writer& graph_out) {
  const auto number = [&](const char* name, float v) { write_tensor(graph_out, name, {}, std::span<const float>(&v, 1)); };
  const auto index = [&](const char* name, int64_t v) { write_tensor(graph_out, name, {1}, std::span<const int64_t>(&v, 1)); };
  number(kZero, 0.F);
  number(kSix, 6.F);
  index(kMinusOne, -1);
  index(kWidthAxis, 3);
  index(kBeforeFirst, std::numeric_limits<int64_t>::min());
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
    value_of[i] = i + 1 == graph.nodes.size() ? output : "value_" + std::to_string(i);
    Emit emit{out, {}, value_of[i]};
    for (const int node : n.inputs) emit.inputs.push_back(value_of[static_cast<std::size_t>(node)]);
    for (const int p : n.parameters) emit.inputs.push_back(graph.parameters[static_cast<std::size_t>(p)].name);
    std::visit(emit, n.op);
  }
  out.add_string(graph_proto::kName, graph.name);
  for (const graph::Parameter& p : graph.parameters) {
    if (p.tensor.empty()) throw data_error(graph.name, p.name + " has no values", "load weights first");
    write_tensor(out, p.name, p.shape, p.tensor.values);
  }
  write_constants(out);
  write_value_info(out, graph_proto::kInput, "image", graph.input_dims());
  write_value_info(out, graph_proto::kOutput, output, graph.output_dims());
}

}  // namespace

std::string write(const graph::Graph& graph, const Metadata& metadata, const std::string& output) {
  std::string bytes;
  std::size_t expected = 1 << 20;
  for (const graph::Parameter& p : graph.parameters) expected += p.tensor.values.size_bytes();
  bytes.reserve(expected);
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
