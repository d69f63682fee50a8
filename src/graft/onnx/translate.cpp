#include "graft/onnx/translate.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/text.h"
#include "graft/weights/file/state_dict.h"

namespace graft::onnx {
namespace {

constexpr int64_t kMostNumbers = 64;  // in what describes a shape
constexpr std::size_t kSmall = 1 << 20;

/// The graph without nodes and parameters that its node `last` does not need.
graph::Graph trimmed(const graph::Graph& graph, int last) {
  std::vector<bool> needed(graph.nodes.size());
  needed[0] = needed[static_cast<std::size_t>(last)] = true;
  for (std::size_t i = graph.nodes.size(); i-- > 0;)
    if (needed[i])
      for (const int input : graph.nodes[i].inputs) needed[static_cast<std::size_t>(input)] = true;
  graph::Graph out;
  out.name = graph.name;
  out.stages = graph.stages;
  std::vector<int> at(graph.nodes.size());
  std::map<int, int> parameter_at;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    if (!needed[i]) continue;
    graph::Node node = graph.nodes[i];
    for (int& input : node.inputs) input = at[static_cast<std::size_t>(input)];
    for (int& parameter : node.parameters) {
      const auto [found, added] = parameter_at.try_emplace(parameter, static_cast<int>(out.parameters.size()));
      if (added) out.parameters.push_back(graph.parameters[static_cast<std::size_t>(parameter)]);
      parameter = found->second;
    }
    at[i] = static_cast<int>(out.nodes.size());
    out.nodes.push_back(std::move(node));
  }
  return out;
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

/// PyTorch calls the node of layer1.0.conv1 "/layer1/layer1.0/conv1/Conv": each part names its module alone, or with the list it stands in.
std::string path_from_scope(std::string_view scope) {
  std::string path, before;
  for (const std::string& part : split(scope, '/')) {
    if (part.empty()) continue;
    if (!before.empty() && part.starts_with(before + ".")) path += part.substr(before.size());
    else path += (path.empty() ? "" : ".") + part;
    before = part;
  }
  return path;
}

}  // namespace

const std::map<std::string_view, Translation::Rule>& Translation::rules() {
  using T = Translation;
  static const std::map<std::string_view, Rule> table{
      {"Conv", &T::conv},
      {"BatchNormalization", &T::batch_norm},
      {"Gemm", &T::gemm},
      {"MatMul", &T::mat_mul},
      {"MaxPool", &T::max_pool},
      {"AveragePool", &T::average_pool},
      {"GlobalAveragePool", &T::global_average_pool},
      {"ReduceMean", &T::reduce_mean},
      {"Relu", &T::relu},
      {"Sigmoid", &T::sigmoid},
      {"HardSwish", &T::hard_swish},
      {"HardSigmoid", &T::hard_sigmoid},
      {"Gelu", &T::gelu},
      {"Clip", &T::clip},
      {"Min", &T::clip},
      {"Max", &T::clip},
      {"Erf", &T::erf},
      {"Add", &T::arithmetic},
      {"Sub", &T::arithmetic},
      {"Mul", &T::arithmetic},
      {"Div", &T::arithmetic},
      {"Identity", &T::same},
      {"Dropout", &T::same},
      {"Cast", &T::cast},
      {"Pad", &T::pad},
      {"Concat", &T::concat},
      {"Flatten", &T::flatten},
      {"Reshape", &T::reshape},
      {"Squeeze", &T::squeeze},
      {"Unsqueeze", &T::unsqueeze},
      {"Transpose", &T::transpose},
      {"Shape", &T::shape},
      {"Gather", &T::gather},
      {"Slice", &T::slice},
  };
  return table;
}

Translation::Translation(const ModelProto& model, const ImageInput& input, Size size) : model_(model), bgr_(input.bgr) {
  graph_.name = model.path;
  graph::Builder builder(graph_);
  builder.stage("stem");
  known_[input.name] = {builder.input({input.channels, size.height, size.width}).node, Form::plain, input.channels_last};
  for (const auto& file : model.files) budget_ += 2 * file->bytes().size();
  budget_ += kSmall;
  for (const NodeProto& node : model.nodes)
    for (const std::string_view name : node.inputs) ++readers_[name];
  for (const ValueProto& output : model.outputs) ++readers_[output.name];
}

graph::Graph Translation::graph_of(std::string_view value) {
  for (const NodeProto* node : nodes_for(model_, value)) translate(*node);
  const Known* result = known(value);
  if (result == nullptr || result->node <= 0 || result->form != Form::plain) throw Inexpressible{"its output is neither a picture nor a vector"};
  const auto reads_picture = [](const graph::Node& node) {
    return !std::holds_alternative<graph::Conv2d>(node.op) && std::ranges::find(node.inputs, 0) != node.inputs.end();
  };
  if (bgr_ && std::any_of(graph_.nodes.begin() + 1, graph_.nodes.end(), reads_picture))
    throw Inexpressible{"blue first, and no convolution reads it"};
  return trimmed(graph_, result->node);
}

void Translation::translate(const NodeProto& node) {
  const auto rule = rules().find(node.domain.empty() ? node.type : std::string_view());
  if (rule == rules().end()) refuse(node, "operator " + weights::shown(node.type));
  require(node, !node.inputs.empty(), "no input");
  for (const AttributeProto& a : node.attributes) require(node, !a.subgraph, "control flow");
  (this->*rule->second)(node);
}

void Translation::refuse(const NodeProto& node, const std::string& why) const { throw Inexpressible{place_of(node) + ": " + why}; }

const TensorProto* Translation::constant(std::string_view name) const {
  const auto found = model_.initialisers.find(name);
  return found == model_.initialisers.end() ? nullptr : &found->second;
}

std::optional<float> Translation::scalar(std::string_view name) const {
  const TensorProto* tensor = constant(name);
  if (tensor == nullptr || graph::element_count(tensor->dims) != 1) return std::nullopt;
  const auto values = to_floats(*tensor);
  if (!values) return std::nullopt;
  return values->values[0];
}

std::optional<std::vector<int64_t>> Translation::numbers(std::string_view name) const {
  if (const Known* value = known(name)) return value->numbers;
  const TensorProto* tensor = constant(name);
  if (tensor == nullptr || graph::element_count(tensor->dims) > kMostNumbers) return std::nullopt;
  return to_integers(*tensor);
}

const Known* Translation::known(std::string_view name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

graph::Value Translation::any_order(const NodeProto& node, std::size_t input, bool& channels_last) const {
  const Known* x = input < node.inputs.size() ? known(node.inputs[input]) : nullptr;
  if (x == nullptr || x->node < 0 || x->form != Form::plain) refuse(node, "its input is a constant or part of an unknown pattern");
  channels_last = x->channels_last;
  return {const_cast<graph::Graph*>(&graph_), x->node};
}

graph::Value Translation::plain(const NodeProto& node, std::size_t input) const {
  bool channels_last = false;
  const graph::Value x = any_order(node, input, channels_last);
  require(node, !channels_last, "channels last");
  return x;
}

/// A file may name the same weights in every node, and each use may need a copy: memory stays within twice the file.
graph::Tensor Translation::floats(const NodeProto& node, const TensorProto& tensor) {
  used_ += tensor.bytes.size();
  require(node, used_ <= budget_, "the same weights in too many layers");
  auto values = to_floats(tensor);
  if (!values) refuse(node, "weights that are not floats");
  return std::move(*values);
}

std::string Translation::path_of(const NodeProto& node, std::string_view weight) {
  std::string path;
  if (weight.ends_with(".weight") && is_plain_name(weight)) {
    path = weight.substr(0, weight.rfind('.'));
  } else {
    std::string_view scope = node.name;
    if (const std::size_t slash = scope.rfind('/'); slash != std::string_view::npos && slash > 0) scope = scope.substr(0, slash);
    path = path_from_scope(scope.empty() ? node.outputs.front() : scope);
    std::ranges::replace_if(
        path, [](char c) { return !is_plain_name(std::string_view(&c, 1)) && c != '.'; }, '_');
    if (!is_plain_name(path)) path = lower(node.type);
  }
  std::string unique = path;
  while (!paths_.insert(unique).second) unique = fmt::format("{}_{}", path, ++taken_[path] + 1);
  return unique;
}

void Translation::set_values(const NodeProto& node, graph::Value layer, std::size_t parameter, const graph::Dims& shape, graph::Tensor values) {
  const graph::Node& made = graph_.nodes[static_cast<std::size_t>(layer.node)];
  graph::Parameter& p = graph_.parameters[static_cast<std::size_t>(made.parameters[parameter])];
  require(node, p.shape == shape, fmt::format("{} is {}, expected {}", p.name, graph::to_string(shape), graph::to_string(p.shape)));
  p.tensor = std::move(values);
}

}  // namespace graft::onnx
