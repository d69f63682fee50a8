#include "graft/onnx/divide_answer.h"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <set>

#include "graft/onnx/emit.h"
#include "graft/onnx/fields.h"

namespace graft::onnx {
namespace {

/// The layer's node, through what only averages two views or passes on; null where there is none.
const NodeProto* last_layer(const ModelProto& model) {
  std::string_view value = model.outputs.front().name;
  for (auto found = model.producers.find(value); found != model.producers.end(); found = model.producers.find(value)) {
    const NodeProto& node = *found->second;
    if (node.type == "Gemm") return &node;
    if (node.type != "Mean" && node.type != "Split" && node.type != "Identity") return nullptr;
    value = node.inputs.front();
  }
  return nullptr;
}

std::string divided(std::string_view graph, const ModelProto& model, const std::set<std::string_view>& layer, double by) {
  std::string bytes;
  bytes.reserve(graph.size());
  protozero::pbf_writer out(bytes);
  for (protozero::pbf_reader in(graph.data(), graph.size()); in.next();) {
    if (in.tag() != graph_proto::kInitializer) {
      if (in.wire_type() == protozero::pbf_wire_type::length_delimited) out.add_message(in.tag(), in.get_view());
      else in.skip();  // graft writes no such field
      continue;
    }
    const protozero::data_view record = in.get_view();
    std::string name;
    for (protozero::pbf_reader tensor_in(record); tensor_in.next(tensor::kName);) name = tensor_in.get_string();
    if (!layer.contains(name)) {
      out.add_message(graph_proto::kInitializer, record);
      continue;
    }
    const TensorProto& values = model.initialisers.at(name);
    const graph::Tensor floats = *to_floats(values);
    std::vector<float> scaled;
    for (const float value : floats.values) scaled.push_back(static_cast<float>(static_cast<double>(value) / by));
    write_tensor<const float>(out, name, values.dims, scaled);
  }
  return bytes;
}

}  // namespace

std::optional<std::string> with_divided_answer(const ModelProto& model, double by, const Metadata& metadata) {
  const NodeProto* layer = last_layer(model);
  if (layer == nullptr || layer->inputs.size() != 3) return std::nullopt;
  const std::set<std::string_view> names(layer->inputs.begin() + 1, layer->inputs.end());
  for (const std::string_view name : names) {
    const auto found = model.initialisers.find(name);
    if (found == model.initialisers.end() || found->second.type != tensor::kFloat32) return std::nullopt;
  }
  const Bytes file = model.files.front()->bytes();
  std::string bytes;
  bytes.reserve(file.size() + 4096);
  protozero::pbf_writer out(bytes);
  for (protozero::pbf_reader in(reinterpret_cast<const char*>(file.data()), file.size()); in.next();) {
    if (in.tag() == model::kMetadata) {
      in.skip();
    } else if (in.wire_type() == protozero::pbf_wire_type::varint) {
      out.add_uint64(in.tag(), in.get_uint64());
    } else {
      const protozero::data_view record = in.get_view();
      if (in.tag() == model::kGraph) out.add_message(in.tag(), divided({record.data(), record.size()}, model, names, by));
      else out.add_message(in.tag(), record);
    }
  }
  for (const auto& [key, value] : metadata) {
    protozero::pbf_writer pair(out, model::kMetadata);
    pair.add_string(entry::kKey, key);
    pair.add_string(entry::kValue, value);
  }
  return bytes;
}

}  // namespace graft::onnx
