#include "graft/onnx/read_graph.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <type_traits>
#include <variant>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/onnx/read_back.h"
#include "graft/onnx/translate.h"
#include "graft/weights/file/state_dict.h"

namespace graft::onnx {
namespace {

const NodeProto* producer(const ModelProto& model, std::string_view value) {
  const auto found = model.producers.find(value);
  return found == model.producers.end() || found->second->inputs.empty() ? nullptr : found->second;
}

bool is_one_of(const NodeProto& node, std::initializer_list<std::string_view> types) { return std::ranges::find(types, node.type) != types.end(); }

/// Makes an answer of what the last layer says.
bool is_answer(const NodeProto& node) { return is_one_of(node, {"Softmax", "LogSoftmax", "Sigmoid"}); }

/// Leaves the numbers as they are, but for their rounding to int8.
bool only_passes(const NodeProto& node) {
  return is_one_of(node, {"Identity", "Cast", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "QuantizeLinear", "DequantizeLinear"});
}

std::string_view output_of(const ModelProto& model) {
  if (model.outputs.empty()) throw data_error(model.path, "no output", "export the model again");
  std::string_view value = model.outputs.front().name, before_answer = value;
  for (const NodeProto* node = producer(model, value); node != nullptr; node = producer(model, value)) {
    if (!is_answer(*node) && !only_passes(*node)) break;
    const bool beside = before_answer == value && is_one_of(*node, {"Identity", "Cast"});
    value = node->inputs.front();
    if (beside || is_answer(*node)) before_answer = value;
  }
  return before_answer;
}

/// Whether the value is a constant, perhaps one that is first turned or made float.
bool is_constant(const ModelProto& model, std::string_view value) {
  const NodeProto* node = producer(model, value);
  for (int i = 0; i < 4 && node != nullptr && is_one_of(*node, {"Identity", "Cast", "Transpose", "Reshape", "DequantizeLinear"}); ++i)
    node = producer(model, node->inputs.front());
  return node == nullptr;
}

/// The last layer of a classifier: a matrix product with constants or, before or behind an average over the picture, a convolution to the classes.
bool is_last_layer(const ModelProto& model, const NodeProto& node, bool averaged) {
  if (is_one_of(node, {"Gemm", "MatMul"})) return node.inputs.size() > 1 && is_constant(model, node.inputs[1]);
  if (!averaged || node.type != "Conv" || node.inputs.size() < 3) return false;
  const NodeProto* dequantised = producer(model, node.inputs[1]);
  const auto weight = model.initialisers.find(dequantised != nullptr ? dequantised->inputs.front() : node.inputs[1]);
  if (weight == model.initialisers.end() || weight->second.dims.size() != 4) return false;
  const graph::Dims& d = weight->second.dims;
  return d[2] == 1 && d[3] == 1 && node.integer("group", 1) == 1 && (d[0] <= d[1] || d[0] == 1000 || d[0] == 1001);
}

/// A transformer that graft wrote: its operators are of several nodes, which are known only as graft writes them. It has the positions of one size.
std::optional<graph::Graph> own_transformer(const ModelProto& model, Size size) {
  Reading reading = read_back(model);
  if (!reading.graph) return std::nullopt;
  graph::Graph& graph = *reading.graph;
  const auto has = [&]<class Op>(std::type_identity<Op>) {
    return std::ranges::any_of(graph.nodes, [](const graph::Node& node) { return std::holds_alternative<Op>(node.op); });
  };
  if (!has(std::type_identity<graph::Attention>()) || has(std::type_identity<graph::MirrorViews>())) return std::nullopt;
  if (graph.outputs.size() != 1 || graph.output() + 1 != graph.nodes.size()) return std::nullopt;
  if (graph.input_dims() != graph::Dims{3, size.height, size.width}) return std::nullopt;
  graph.outputs.clear();
  graph.stages = {"stem"};
  return with_stages(std::move(graph));
}

}  // namespace

std::string_view find_tensor(const ModelProto& model, std::string_view name) {
  if (name.empty()) return output_of(model);
  if (const auto found = model.producers.find(name); found != model.producers.end()) return found->first;
  std::vector<std::string> names;
  for (const auto& [value, node] : model.producers) names.push_back(weights::shown(value));
  const auto near = closest(name, names);
  throw usage_error("--tensor " + printable(name), "no such tensor in " + model.path,
                    near ? "did you mean " + *near + "?" : "see `graft models FILE`");
}

bool ends_in_sigmoid(const ModelProto& model) {
  if (model.outputs.empty()) return false;
  const NodeProto* node = producer(model, model.outputs.front().name);
  while (node != nullptr && only_passes(*node)) node = producer(model, node->inputs.front());
  return node != nullptr && node->type == "Sigmoid";
}

std::string_view default_tensor(const ModelProto& model) {
  const std::string_view output = output_of(model);
  std::string_view value = output;
  bool averaged = false;
  for (const NodeProto* node = producer(model, value); node != nullptr; node = producer(model, value)) {
    if (is_last_layer(model, *node, averaged)) return node->inputs.front();
    averaged |= is_one_of(*node, {"GlobalAveragePool", "ReduceMean"});
    const bool passes = only_passes(*node) || is_one_of(*node, {"GlobalAveragePool", "ReduceMean"}) || (averaged && node->type == "Relu");
    if (!passes && node->type != "Add") break;  // which is its bias
    const bool second = node->type == "Add" && is_constant(model, node->inputs.front()) && !is_constant(model, node->inputs.back());
    value = second ? node->inputs.back() : node->inputs.front();
  }
  return output;
}

Reading read_graph(const ModelProto& model, const ImageInput& input, Size size, std::string_view tensor) {
  const std::string_view value = find_tensor(model, tensor);
  try {
    Translation translation(model, input, size);
    return {with_stages(translation.graph_of(value), !tensor.empty()), {}};
  } catch (const Inexpressible& e) {
    if (tensor.empty() && !input.bgr)
      if (std::optional<graph::Graph> own = own_transformer(model, size)) return {std::move(own), {}};
    return {std::nullopt, e.reason};
  }
}

}  // namespace graft::onnx
