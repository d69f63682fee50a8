#include "graft/onnx/rewrite.h"

#include <memory>
#include <utility>

#include "graft/onnx/fields.h"
#include "graft/onnx/record.h"

namespace graft::onnx {

std::string_view keep(ModelProto& model, std::string text) { return *model.made.emplace_back(std::make_shared<const std::string>(std::move(text))); }

NodeProto written(ModelProto& model, const NewNode& made) {
  std::string record;
  protozero::pbf_writer out(record);
  for (const std::string_view input : made.inputs) out.add_string(node::kInput, input.data(), input.size());
  out.add_string(node::kOutput, made.output.data(), made.output.size());
  out.add_string(node::kName, made.output.data(), made.output.size());
  out.add_string(node::kOperator, made.type);
  NodeProto
      node{.type = made.type, .domain = {}, .name = made.output, .inputs = made.inputs, .outputs = {made.output}, .attributes = {}, .record = {}};
  if (made.axis) {
    protozero::pbf_writer attribute(out, node::kAttribute);
    attribute.add_string(attribute::kName, "axis");
    attribute.add_int64(attribute::kInt, *made.axis);
    attribute.add_enum(attribute::kType, attribute::type_int);
    node.attributes.push_back({.name = "axis", .i = *made.axis, .s = {}, .ints = {}, .floats = {}, .tensor = {}});
  }
  if (made.like != nullptr) {
    for (Record old(made.like->record); old.next();) {
      if (old.tag() == node::kAttribute) old.copy(out, old.tag());
      else old.skip();
    }
    node.attributes.insert(node.attributes.end(), made.like->attributes.begin(), made.like->attributes.end());
  }
  node.record = keep(model, std::move(record));
  return node;
}

NodeProto with_input(ModelProto& model, const NodeProto& node, std::size_t input, std::string_view name) {
  std::string text;
  protozero::pbf_writer out(text);
  Record record(node.record);
  for (std::size_t i = 0; record.next();) {
    if (record.tag() == node::kInput && i++ == input) {
      record.skip();
      out.add_string(node::kInput, name.data(), name.size());
    } else {
      record.copy(out, record.tag());
    }
  }
  NodeProto changed = node;
  changed.inputs[input] = name;
  changed.record = keep(model, std::move(text));
  return changed;
}

void find_producers(ModelProto& model) {
  model.producers.clear();
  for (const NodeProto& node : model.nodes)
    for (const std::string_view output : node.outputs)
      if (!output.empty()) model.producers[output] = &node;
}

}  // namespace graft::onnx
