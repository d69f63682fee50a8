#include "graft/onnx/emit.h"

#include <protozero/pbf_reader.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "graft/graph/walks.h"

namespace graft::onnx {
namespace {

using graph::Overloaded;
using protozero::pbf_writer;

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

/// (out, in) float32, row i the weights with which `in` places are averaged to place i, as PyTorch's AdaptiveAvgPool2d divides them.
std::vector<float> pooling_matrix(int64_t in, int64_t out) {
  std::vector<float> matrix(static_cast<std::size_t>(in * out));
  for (int64_t i = 0; i < out; ++i) {
    const int64_t begin = i * in / out, end = ((i + 1) * in + out - 1) / out;
    for (int64_t j = begin; j < end; ++j) matrix[static_cast<std::size_t>(i * in + j)] = 1.F / static_cast<float>(end - begin);
  }
  return matrix;
}

std::vector<float> transposed(const std::vector<float>& matrix, std::size_t rows) {
  const std::size_t columns = matrix.size() / rows;
  std::vector<float> out(matrix.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = matrix[i * columns + j];
  return out;
}

}  // namespace

void Emit::node(const char* type, const std::vector<Attribute>& attributes, const Strings& reads, const Strings& gives) const {
  pbf_writer out(graph_out, graph_proto::kNode);
  for (const std::string& name : reads) out.add_string(node::kInput, name);
  for (const std::string& name : gives) out.add_string(node::kOutput, name);
  out.add_string(node::kName, gives.front());
  out.add_string(node::kOperator, type);
  for (const Attribute& a : attributes) write_attribute(out, a);
}

void Emit::same(pbf_writer& graph_out, const std::string& value, const std::string& name) {
  std::set<std::string> none;
  Emit{graph_out, {value}, name, {}, {}, none}.node("Identity");
}

/// Named by what they are, and written where they are first read.
std::string Emit::ints(const Ints& values) const {
  const std::string name = fmt::format("ints_{}", fmt::join(values, "_"));
  if (constants.insert(name).second) write_tensor(graph_out, name, {static_cast<int64_t>(values.size())}, std::span<const int64_t>(values));
  return name;
}

std::string Emit::number(float value) const {
  const std::string name = fmt::format("float_{}", value);
  if (constants.insert(name).second) write_tensor(graph_out, name, {}, std::span<const float>(&value, 1));
  return name;
}

/// Dimensions of 0 stay as they are.
void Emit::reshape(const std::string& x, const Ints& shape, const std::string& y) const { node("Reshape", {}, {x, ints(shape)}, {y}); }

void Emit::transpose(const std::string& x, const Ints& order, const std::string& y) const { node("Transpose", {{"perm", order}}, {x}, {y}); }

void Emit::operator()(const graph::Input&) const {}

void Emit::operator()(const graph::Conv2d& c) const {
  const int64_t h = c.pad_height(), w = c.pad_width();
  const Attribute padding = c.same ? Attribute{"auto_pad", std::string("SAME_UPPER")} : Attribute{"pads", Ints{h, w, h, w}};
  node("Conv", {{"kernel_shape", Ints{c.kernel, c.kernel_width()}}, {"strides", Ints{c.stride, c.stride}}, {"group", c.groups}, padding});
}

void Emit::operator()(const graph::ConvTranspose2d& c) const {
  node("ConvTranspose", {{"kernel_shape", Ints{c.kernel, c.kernel}},
                         {"strides", Ints{c.stride, c.stride}},
                         {"pads", Ints{c.padding, c.padding, c.padding, c.padding}},
                         {"output_padding", Ints{c.output_padding, c.output_padding}}});
}

void Emit::operator()(const graph::BatchNorm& b) const { node("BatchNormalization", {{"epsilon", static_cast<float>(b.eps)}}); }

void Emit::operator()(const graph::LayerNorm& n) const {
  const std::vector<Attribute> attributes{{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(n.eps)}};
  if (from.size() != 3) return node("LayerNormalization", attributes);
  transpose(inputs[0], {0, 2, 3, 1}, own("last"));
  node("LayerNormalization", attributes, {own("last"), inputs[1], inputs[2]}, {own("normal")});
  transpose(own("normal"), {0, 3, 1, 2}, output);
}

/// Not by ONNX's own node, and the epsilon in the mean of the squares: what OpenVINO knows as a norm it computes as it does layer norms, which fail
/// where it is held back from AVX-512.
void Emit::operator()(const graph::InstanceNorm& n) const {
  node("GlobalAveragePool", {}, {inputs[0]}, {own("mean")});
  node("Sub", {}, {inputs[0], own("mean")}, {own("centred")});
  node("Mul", {}, {own("centred"), own("centred")}, {own("squares")});
  node("Add", {}, {own("squares"), number(static_cast<float>(n.eps))}, {own("above")});
  node("GlobalAveragePool", {}, {own("above")}, {own("variance")});
  node("Sqrt", {}, {own("variance")}, {own("deviation")});
  node("Div", {}, {own("centred"), own("deviation")}, {output});
}

void Emit::operator()(const graph::Linear&) const {
  if (from.size() == 1) return node("Gemm", {{"transB", int64_t{1}}});
  transpose(inputs[1], {1, 0}, own("weight"));
  node("MatMul", {}, {inputs[0], own("weight")}, {own("product")});
  node("Add", {}, {own("product"), inputs[2]}, {output});
}

void Emit::operator()(const graph::Activation& a) const {
  switch (a.function) {
    case graph::Function::relu: return node("Relu");
    case graph::Function::relu6: return node("Clip", {}, {inputs[0], number(0.F), number(6.F)}, {output});
    case graph::Function::sigmoid: return node("Sigmoid");
    case graph::Function::hard_sigmoid: return node("HardSigmoid", {{"alpha", 1.F / 6.F}});  // relu6(x + 3) / 6
    case graph::Function::silu: node("Sigmoid", {}, inputs, {own("gate")}); return node("Mul", {}, {inputs[0], own("gate")}, {output});
    case graph::Function::hard_swish: return node("HardSwish");
    case graph::Function::gelu:  // x / 2 (1 + erf(x / sqrt 2)); ONNX has a node of its own only from opset 20 on
      node("Div", {}, {inputs[0], number(std::numbers::sqrt2_v<float>)}, {own("scaled")});
      node("Erf", {}, {own("scaled")}, {own("erf")});
      node("Add", {}, {own("erf"), number(1.F)}, {own("gate")});
      node("Mul", {}, {inputs[0], own("gate")}, {own("twice")});
      return node("Mul", {}, {own("twice"), number(0.5F)}, {output});
    case graph::Function::tanh: return node("Tanh");
    case graph::Function::leaky_relu: return node("LeakyRelu", {{"alpha", static_cast<float>(graph::kLeak)}});
  }
}

void Emit::operator()(const graph::MaxPool& p) const {
  node("MaxPool", {{"kernel_shape", Ints{p.kernel, p.kernel}},
                   {"strides", Ints{p.stride, p.stride}},
                   {"pads", Ints{p.padding, p.padding, p.padding, p.padding}},
                   {"ceil_mode", int64_t{p.ceil}}});
}

void Emit::operator()(const graph::AveragePool& p) const {
  node("AveragePool", {{"kernel_shape", Ints{p.kernel, p.kernel}},
                       {"strides", Ints{p.stride, p.stride}},
                       {"pads", Ints{p.padding, p.padding, p.padding, p.padding}},
                       {"count_include_pad", int64_t{1}}});
}

/// Rows, then columns, each by the matrix that averages them.
void Emit::operator()(const graph::AdaptiveAveragePool& p) const {
  const std::vector<float> rows = pooling_matrix(from[1], p.size);
  const std::vector<float> columns = transposed(pooling_matrix(from[2], p.size), static_cast<std::size_t>(p.size));
  write_tensor(graph_out, own("rows"), {p.size, from[1]}, std::span<const float>(rows));
  write_tensor(graph_out, own("columns"), {from[2], p.size}, std::span<const float>(columns));
  node("MatMul", {}, {own("rows"), inputs[0]}, {own("pooled")});
  node("MatMul", {}, {own("pooled"), own("columns")}, {output});
}

void Emit::operator()(const graph::ReflectionPad& p) const {
  node("Pad", {{"mode", std::string("reflect")}}, {inputs[0], ints({0, 0, p.size, p.size, 0, 0, p.size, p.size})}, {output});
}

void Emit::operator()(const graph::Flatten&) const { node("Flatten", {{"axis", int64_t{1}}}); }

void Emit::operator()(const graph::GlobalAveragePool& p) const {
  if (from.size() == 2 && version >= 18) return node("ReduceMean", {{"keepdims", int64_t{0}}}, {inputs[0], ints({1})}, {output});
  if (from.size() == 2) return node("ReduceMean", {{"axes", Ints{1}}, {"keepdims", int64_t{0}}});
  if (p.keep) return node("GlobalAveragePool");
  node("GlobalAveragePool", {}, inputs, {own("kept")});
  node("Flatten", {{"axis", int64_t{1}}}, {own("kept")}, {output});
}

void Emit::operator()(const graph::Dropout&) const { node("Identity"); }
void Emit::operator()(const graph::Add&) const { node("Add"); }
void Emit::operator()(const graph::Multiply&) const { node("Mul"); }
void Emit::operator()(const graph::Scale&) const { node("Mul"); }
void Emit::operator()(const graph::Concat&) const { node("Concat", {{"axis", int64_t{1}}}); }

void Emit::operator()(const graph::ChannelSlice& c) const {
  node("Slice", {}, {inputs[0], ints({c.begin}), ints({c.begin + c.length}), ints({1})}, {output});
}

void Emit::operator()(const graph::ChannelShuffle& c) const {
  reshape(inputs[0], {0, c.groups, from[0] / c.groups, from[1], from[2]}, own("groups"));
  transpose(own("groups"), {0, 2, 1, 3, 4}, own("shuffled"));
  reshape(own("shuffled"), {0, from[0], from[1], from[2]}, output);
}

void Emit::operator()(const graph::Tokens&) const {
  reshape(inputs[0], {0, from[0], -1}, own("channels"));
  transpose(own("channels"), {0, 2, 1}, output);
}

void Emit::operator()(const graph::Picture&) const {
  transpose(inputs[0], {0, 2, 1}, own("channels"));
  reshape(own("channels"), {0, to[0], to[1], to[2]}, output);
}

void Emit::operator()(const graph::ClassToken&) const {
  node("Shape", {{"start", int64_t{0}}, {"end", int64_t{1}}}, {inputs[0]}, {own("batch")});
  node("Concat", {{"axis", int64_t{0}}}, {own("batch"), ints({1, from[1]})}, {own("shape")});
  node("Expand", {}, {inputs[1], own("shape")}, {own("tokens")});
  node("Concat", {{"axis", int64_t{1}}}, {own("tokens"), inputs[0]}, {output});
}

void Emit::operator()(const graph::PositionEmbedding&) const { node("Add"); }

void Emit::operator()(const graph::Attention& a) const {
  const int64_t width = to[1] / a.heads;
  node("Split", {{"axis", int64_t{2}}}, {inputs[0], ints({to[1], to[1], to[1]})}, {own("q"), own("k"), own("v")});
  const std::string shape = ints({0, 0, a.heads, width});
  for (const char* part : {"q", "k", "v"}) node("Reshape", {}, {own(part), shape}, {own(part) + "_heads"});
  transpose(own("q_heads"), {0, 2, 1, 3}, own("queries"));
  transpose(own("k_heads"), {0, 2, 3, 1}, own("keys"));
  transpose(own("v_heads"), {0, 2, 1, 3}, own("values"));
  node("Mul", {}, {own("queries"), number(1.F / std::sqrt(static_cast<float>(width)))}, {own("scaled")});
  node("MatMul", {}, {own("scaled"), own("keys")}, {own("scores")});
  node("Softmax", {{"axis", int64_t{-1}}}, {own("scores")}, {own("weights")});
  node("MatMul", {}, {own("weights"), own("values")}, {own("mixed")});
  transpose(own("mixed"), {0, 2, 1, 3}, own("joined"));
  reshape(own("joined"), {0, 0, to[1]}, output);
}

void Emit::operator()(const graph::FirstToken&) const {
  node("Gather", {{"axis", int64_t{1}}}, {inputs[0], ints({0})}, {own("kept")});
  node("Flatten", {{"axis", int64_t{1}}}, {own("kept")}, {output});
}

void Emit::operator()(const graph::MirrorViews&) const {
  if (version >= 10) {
    node("Slice", {}, {inputs[0], ints({-1}), ints({std::numeric_limits<int64_t>::min()}), ints({3}), ints({-1})}, {own("mirror")});
  } else {  // whose Slice only goes forwards
    Ints columns(static_cast<std::size_t>(from[2]));
    for (std::size_t x = 0; x < columns.size(); ++x) columns[x] = from[2] - 1 - static_cast<int64_t>(x);
    write_tensor(graph_out, own("columns"), {from[2]}, std::span<const int64_t>(columns));
    node("Gather", {{"axis", int64_t{3}}}, {inputs[0], own("columns")}, {own("mirror")});
  }
  node("Concat", {{"axis", int64_t{0}}}, {inputs[0], own("mirror")}, {output});
}

void Emit::operator()(const graph::MeanOfViews&) const {
  std::vector<Attribute> attributes{{"axis", int64_t{0}}};
  if (version >= 18) attributes.push_back({"num_outputs", int64_t{2}});
  node("Split", attributes, inputs, {own("plain"), own("mirror")});
  node("Mean", {}, {own("plain"), own("mirror")}, {output});
}

void Emit::operator()(const graph::Foreign& f) const {
  node("Identity", {}, {inputs[0]}, {"foreign/input"});
  for (protozero::pbf_reader records(*f.records); records.next();) graph_out.add_message(records.tag(), records.get_view());
  node("Identity", {}, {"foreign/output"}, {output});
}

}  // namespace graft::onnx
