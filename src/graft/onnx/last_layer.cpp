#include <protozero/pbf_reader.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/error.h"
#include "graft/onnx/fields.h"
#include "graft/onnx/other_kind.h"
#include "graft/onnx/read.h"

namespace graft::onnx {
namespace {

struct Made {
  std::string type;  // of the node
  std::vector<std::string> reads;
};

/// What the walk needs of a graph, the values of its tensors left out.
struct Outline {
  std::map<std::string, Made> values;
  std::set<std::string> constants;
  std::string output;
};

std::string text_in(protozero::pbf_reader message, Tag tag) { return message.next(tag) ? message.get_string() : std::string(); }

void add_node(protozero::pbf_reader reader, Outline& outline) {
  Made made;
  std::vector<std::string> gives;
  while (reader.next()) {
    if (reader.tag() == node::kInput) made.reads.push_back(reader.get_string());
    else if (reader.tag() == node::kOutput) gives.push_back(reader.get_string());
    else if (reader.tag() == node::kOperator) made.type = reader.get_string();
    else reader.skip();
  }
  for (const std::string& value : gives) outline.values[value] = made;
}

Outline outline_of(Bytes bytes, const std::string& name) {
  Outline outline;
  try {
    protozero::pbf_reader whole(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (whole.next(model::kGraph)) {
      protozero::pbf_reader graph = whole.get_message();
      while (graph.next()) {
        if (graph.tag() == graph_proto::kNode) add_node(graph.get_message(), outline);
        else if (graph.tag() == graph_proto::kInitializer) outline.constants.insert(text_in(graph.get_message(), tensor::kName));
        else if (graph.tag() == graph_proto::kOutput && outline.output.empty()) outline.output = text_in(graph.get_message(), value_info::kName);
        else graph.skip();
      }
    }
  } catch (const std::exception&) {  // protozero: the records do not fit the file
    throw not_onnx(bytes, name);
  }
  return outline;
}

}  // namespace

std::string read_by_last_layer(Bytes bytes, const std::string& name) {
  const Outline outline = outline_of(bytes, name);
  std::string value = outline.output;
  for (std::size_t steps = 0; steps < outline.values.size(); ++steps) {
    const auto found = outline.values.find(value);
    if (found == outline.values.end() || found->second.reads.empty()) break;
    const auto& [type, reads] = found->second;
    if (type == "Gemm" || (type == "MatMul" && reads.size() == 2 && outline.constants.contains(reads[1]))) return reads[0];
    // What stands behind the layer: its bias, the mean over two views, and names.
    const bool bias = type == "Add" && reads.size() == 2 && (outline.constants.contains(reads[0]) || outline.constants.contains(reads[1]));
    if (!bias && type != "Mean" && type != "Split" && type != "Identity") break;
    value = bias && outline.constants.contains(reads[0]) ? reads[1] : reads[0];
  }
  throw data_error(name, "does not end in a linear layer, whose input would be the features of a photo",
                   "graft embed --backbone gives features of such a network");
}

}  // namespace graft::onnx
