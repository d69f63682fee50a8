#include "graft/onnx/write.h"

#include <protozero/pbf_writer.hpp>

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "graft/base/error.h"
#include "graft/onnx/emit.h"
#include "graft/onnx/fields.h"

namespace graft::onnx {
namespace {

using protozero::pbf_writer;

constexpr int64_t kOpset = 17;

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

void write_graph(pbf_writer& model_out, const graph::Graph& graph, int64_t version, bool with_values) {
  pbf_writer out(model_out, model::kGraph);
  std::vector<std::string> value_of(graph.nodes.size());  // the ONNX value that holds a node's output
  const std::vector<graph::Output> outputs = graph.named_outputs();
  for (std::size_t i = 1; i < value_of.size(); ++i) value_of[i] = "value_" + std::to_string(i);
  for (const graph::Output& output : outputs) value_of[static_cast<std::size_t>(output.node)] = output.name;
  value_of[0] = "image";
  std::set<std::string> constants;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const graph::Node& n = graph.nodes[i];
    Emit emit{out, {}, value_of[i], graph.nodes[static_cast<std::size_t>(n.inputs.front())].dims, n.dims, constants, version};
    for (const int node : n.inputs) emit.inputs.push_back(value_of[static_cast<std::size_t>(node)]);
    for (const int p : n.parameters) emit.inputs.push_back(graph.parameters[static_cast<std::size_t>(p)].name);
    std::visit(emit, n.op);
  }
  for (const graph::Output& output : outputs)  // that shares its node with another one
    if (const std::string& value = value_of[static_cast<std::size_t>(output.node)]; value != output.name) Emit::same(out, value, output.name);
  out.add_string(graph_proto::kName, graph.name);
  for (const graph::Parameter& p : graph.parameters) {
    if (!with_values) break;
    if (p.tensor.empty()) throw data_error(graph.name, p.name + " has no values", "load weights first");
    write_tensor<const float>(out, p.name, p.shape, p.tensor.values);
  }
  write_value_info(out, graph_proto::kInput, "image", graph.input_dims());
  for (const graph::Output& output : outputs)
    write_value_info(out, graph_proto::kOutput, output.name, graph.nodes[static_cast<std::size_t>(output.node)].dims);
}

std::string serialised(const graph::Graph& graph, const Metadata& metadata, bool with_values) {
  std::string bytes;
  std::size_t expected = 1 << 20;
  if (with_values)
    for (const graph::Parameter& p : graph.parameters) expected += p.tensor.values.size_bytes();
  std::map<std::string, int64_t> opsets{{"", kOpset}};  // those of a foreign network, which graft's operators around it fit
  for (const graph::Node& n : graph.nodes)
    if (const auto* foreign = std::get_if<graph::Foreign>(&n.op)) {
      opsets = foreign->opsets;
      expected += foreign->records->size();
    }
  const int64_t version = opsets.at("");
  bytes.reserve(expected);
  pbf_writer out(bytes);
  out.add_int64(model::kIrVersion, version >= 21 ? 10 : version >= 19 ? 9 : 8);
  out.add_string(model::kProducer, "graft");
  write_graph(out, graph, version, with_values);
  for (const auto& [domain, number] : opsets) {
    pbf_writer opset_out(out, model::kOpset);
    if (!domain.empty()) opset_out.add_string(opset::kDomain, domain);
    opset_out.add_int64(opset::kVersion, number);
  }
  for (const auto& [key, value] : metadata) {
    pbf_writer pair(out, model::kMetadata);
    pair.add_string(entry::kKey, key);
    pair.add_string(entry::kValue, value);
  }
  return bytes;
}

}  // namespace

std::string write(const graph::Graph& graph, const Metadata& metadata) { return serialised(graph, metadata, true); }

std::string structure(const graph::Graph& graph) { return serialised(graph, {}, false); }

}  // namespace graft::onnx
