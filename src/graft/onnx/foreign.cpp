#include "graft/onnx/foreign.h"

#include <fmt/format.h>

#include <protozero/pbf_writer.hpp>

#include <array>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/onnx/emit.h"
#include "graft/onnx/record.h"
#include "graft/weights/file/state_dict.h"

namespace graft::onnx {
namespace {

using protozero::pbf_writer;

constexpr int kDeepest = 16;  // control flow within control flow
constexpr const char* kInput = "foreign/input";
constexpr const char* kOutput = "foreign/output";

/// Names of the file, told apart from graft's; the empty name stands for an input that is left out.
std::string renamed(std::string_view name) { return name.empty() ? std::string() : "foreign/of/" + std::string(name); }

void copy_node(Record node, pbf_writer out, int depth);

/// A record as it is, but for its field `name_tag`, which is renamed.
void copy_renaming(Record record, Tag name_tag, pbf_writer out) {
  while (record.next()) {
    if (record.tag() == name_tag) {
      out.add_string(name_tag, renamed(record.text()));
      continue;
    }
    record.copy(out, record.tag());
  }
}

void copy_graph(Record graph, pbf_writer out, int depth) {
  if (depth > kDeepest) throw protozero::invalid_length_exception();
  while (graph.next()) {
    const Tag tag = graph.tag();
    if (tag == graph_proto::kNode) copy_node(graph.message(), pbf_writer(out, tag), depth);
    else if (tag == graph_proto::kInitializer) copy_renaming(graph.message(), tensor::kName, pbf_writer(out, tag));
    else if (tag == graph_proto::kInput || tag == graph_proto::kOutput) copy_renaming(graph.message(), value_info::kName, pbf_writer(out, tag));
    else if (tag == graph_proto::kValueInfo) graph.skip();
    else graph.copy(out, tag);
  }
}

void copy_attribute(Record attribute, pbf_writer out, int depth) {
  while (attribute.next()) {
    const Tag tag = attribute.tag();
    if (tag == attribute::kGraph || tag == attribute::kGraphs) copy_graph(attribute.message(), pbf_writer(out, tag), depth + 1);
    else attribute.copy(out, tag);
  }
}

void copy_node(Record node, pbf_writer out, int depth) {
  while (node.next()) {
    const Tag tag = node.tag();
    if (tag == node::kInput || tag == node::kOutput || tag == node::kName) out.add_string(tag, renamed(node.text()));
    else if (tag == node::kAttribute) copy_attribute(node.message(), pbf_writer(out, tag), depth);
    else node.copy(out, tag);
  }
}

void write_node(pbf_writer& graph, const char* type, const std::string& input, const std::string& output, const auto& attributes) {
  pbf_writer node(graph, graph_proto::kNode);
  node.add_string(node::kInput, input);
  node.add_string(node::kOutput, output);
  node.add_string(node::kName, output);
  node.add_string(node::kOperator, type);
  attributes(node);
}

void write_cast(pbf_writer& graph, const std::string& input, const std::string& output, int to) {
  write_node(graph, "Cast", input, output, [&](pbf_writer& node) {
    pbf_writer a(node, node::kAttribute);
    a.add_string(attribute::kName, "to");
    a.add_int64(attribute::kInt, to);
    a.add_enum(attribute::kType, attribute::type_int);
  });
}

void write_transpose(pbf_writer& graph, const std::string& input, const std::string& output, std::initializer_list<int64_t> order) {
  write_node(graph, "Transpose", input, output, [&](pbf_writer& node) {
    pbf_writer a(node, node::kAttribute);
    a.add_string(attribute::kName, "perm");
    for (const int64_t axis : order) a.add_int64(attribute::kInts, axis);
    a.add_enum(attribute::kType, attribute::type_ints);
  });
}

void write_initialiser(pbf_writer& graph, const TensorProto& t) {
  pbf_writer out(graph, graph_proto::kInitializer);
  for (const int64_t d : t.dims) out.add_int64(tensor::kDims, d);
  out.add_int32(tensor::kType, t.type);
  out.add_string(tensor::kName, renamed(t.name));
  out.add_bytes(tensor::kRaw, reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
}

/// The picture with blue first; its name.
const char* write_swapped(pbf_writer& graph) {
  constexpr const char* kOrder = "foreign/order";
  constexpr const char* kSwapped = "foreign/swapped";
  write_tensor<const int64_t>(graph, kOrder, {3}, std::array<int64_t, 3>{2, 1, 0});
  pbf_writer node(graph, graph_proto::kNode);
  for (const char* input : {kInput, kOrder}) node.add_string(node::kInput, input);
  node.add_string(node::kOutput, kSwapped);
  node.add_string(node::kName, kSwapped);
  node.add_string(node::kOperator, "Gather");
  pbf_writer axis(node, node::kAttribute);
  axis.add_string(attribute::kName, "axis");
  axis.add_int64(attribute::kInt, 1);
  axis.add_enum(attribute::kType, attribute::type_int);
  return kSwapped;
}

/// External data inside an attribute would point to a file that the written model does not have.
void refuse_outside_attributes(const ModelProto& model, const NodeProto& node) {
  for (const AttributeProto& a : node.attributes)
    if (a.tensor && a.tensor->owner != model.files.front() && a.tensor->bytes.size() > 1024)
      throw data_error(model.path, place_of(node) + " keeps a tensor outside the file", "export the model as one file");
}

}  // namespace

void refuse_dynamic_int8(const ModelProto& model, std::string_view tensor) {
  for (const NodeProto* node : nodes_for(model, tensor))
    if (node->type == "DynamicQuantizeLinear" || node->type == "DynamicQuantizeMatMul" || node->type == "DynamicQuantizeLSTM")
      throw data_error(model.path, place_of(*node) + " quantizes to int8 by each batch's own range, so answers would depend on the other photos",
                       "take the float32 model, or quantize it statically");
}

graph::Foreign foreign(const ModelProto& model, const ImageInput& input, std::string_view tensor, bool channels_last) {
  const auto own = model.opsets.find("");
  const int64_t version = own == model.opsets.end() ? 0 : own->second;
  if (version < kOldestOpset)
    throw data_error(model.path, fmt::format("opset {}, expected {} or later", version, kOldestOpset), "export the model with a later opset");
  refuse_dynamic_int8(model, tensor);
  std::string records;
  pbf_writer out(records);
  std::set<std::string_view> wanted{tensor};
  write_cast(out, input.bgr ? write_swapped(out) : kInput, "foreign/cast", input.type);
  if (input.channels_last) write_transpose(out, "foreign/cast", renamed(input.name), {0, 2, 3, 1});
  else write_cast(out, "foreign/cast", renamed(input.name), input.type);
  try {
    for (const NodeProto* node : nodes_for(model, tensor)) {
      refuse_outside_attributes(model, *node);
      copy_node(Record(node->record), pbf_writer(out, graph_proto::kNode), 0);
      wanted.merge(reads_of(model, *node));
    }
  } catch (const protozero::exception&) {
    throw data_error(model.path, "truncated, or not an ONNX file", "copy the file again");
  }
  for (const std::string_view name : wanted)
    if (const auto found = model.initialisers.find(name); found != model.initialisers.end()) write_initialiser(out, found->second);
  write_cast(out, renamed(tensor), channels_last ? "foreign/last" : kOutput, tensor::kFloat32);
  if (channels_last) write_transpose(out, "foreign/last", kOutput, {0, 3, 1, 2});
  return {std::make_shared<const std::string>(std::move(records)), model.opsets, {}};
}

std::string standalone(const graph::Foreign& network) {
  std::string bytes;
  bytes.reserve(network.records->size() + 4096);
  pbf_writer out(bytes);
  out.add_int64(model::kIrVersion, 10);
  {
    pbf_writer graph(out, model::kGraph);
    graph.add_string(graph_proto::kName, "foreign");
    for (Record records(*network.records); records.next();) records.copy(graph, records.tag());
    for (const bool first : {true, false}) {
      pbf_writer value(graph, first ? graph_proto::kInput : graph_proto::kOutput);
      value.add_string(value_info::kName, first ? kInput : kOutput);
      pbf_writer holder(value, value_info::kType);
      pbf_writer tensor_type(holder, type::kTensor);
      tensor_type.add_int32(type::kElement, tensor::kFloat32);
      if (!first) continue;
      pbf_writer shape(tensor_type, type::kShape);
      for (const char* dim : {"N", "C", "H", "W"}) pbf_writer(shape, type::kDim).add_string(type::kDimParameter, dim);
    }
  }
  for (const auto& [domain, version] : network.opsets) {
    pbf_writer opset_out(out, model::kOpset);
    if (!domain.empty()) opset_out.add_string(opset::kDomain, domain);
    opset_out.add_int64(opset::kVersion, version);
  }
  return bytes;
}

graph::Graph opaque_graph(graph::Foreign network, graph::Dims out, const graph::Dims& picture, const std::string& name) {
  graph::Graph graph;
  graph.name = name;
  graph::Builder builder(graph);
  builder.stage("encoder");
  network.out = std::move(out);
  const graph::Value input = builder.input(picture);
  const graph::Value encoded = graph::apply(std::move(network), {input});
  builder.stage("head");
  const graph::Value last = graph::averaged(encoded);
  builder.linear("head", last, {.out = last.channels()});
  return graph;
}

}  // namespace graft::onnx
