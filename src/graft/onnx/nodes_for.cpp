#include <algorithm>
#include <set>

#include "graft/base/error.h"
#include "graft/onnx/parse.h"

namespace graft::onnx {
namespace {

constexpr int kDeepestCount = 16;  // control flow within control flow

/// Every name that nodes of the subgraph read, whether of its own or from around it.
void collect(Record graph, std::set<std::string_view>& names, int depth) {
  if (depth > kDeepestCount) throw protozero::invalid_length_exception();
  while (graph.next()) {
    if (graph.tag() == graph_proto::kOutput) {  // may name a value from around it
      Record value = graph.message();
      while (value.next()) {
        if (value.tag() == value_info::kName) names.insert(value.text());
        else value.skip();
      }
      continue;
    }
    if (graph.tag() != graph_proto::kNode) {
      graph.skip();
      continue;
    }
    Record node = graph.message();
    while (node.next()) {
      if (node.tag() == node::kInput) {
        names.insert(node.text());
      } else if (node.tag() == node::kAttribute) {
        Record attribute = node.message();
        while (attribute.next()) {
          if (attribute.tag() == attribute::kGraph || attribute.tag() == attribute::kGraphs) collect(attribute.message(), names, depth + 1);
          else attribute.skip();
        }
      } else {
        node.skip();
      }
    }
  }
}

}  // namespace

std::set<std::string_view> reads_of(const ModelProto& model, const NodeProto& node) try {
  std::set<std::string_view> names(node.inputs.begin(), node.inputs.end());
  Record record(node.record);
  while (record.next()) {
    if (record.tag() != node::kAttribute) {
      record.skip();
      continue;
    }
    Record attribute = record.message();
    while (attribute.next()) {
      if (attribute.tag() == attribute::kGraph || attribute.tag() == attribute::kGraphs) collect(attribute.message(), names, 0);
      else attribute.skip();
    }
  }
  names.erase("");
  return names;
} catch (const protozero::exception&) {
  throw data_error(model.path, "truncated, or not an ONNX file", "copy the file again");
}

std::vector<const NodeProto*> nodes_for(const ModelProto& model, std::string_view value) {
  std::set<std::string_view> wanted{value};
  std::vector<const NodeProto*> nodes;
  for (auto node = model.nodes.rbegin(); node != model.nodes.rend(); ++node) {  // the file's order is topological
    const bool needed = std::any_of(node->outputs.begin(), node->outputs.end(), [&](std::string_view name) { return wanted.contains(name); });
    if (!needed) continue;
    nodes.push_back(&*node);
    wanted.merge(reads_of(model, *node));
  }
  return {nodes.rbegin(), nodes.rend()};
}

}  // namespace graft::onnx
