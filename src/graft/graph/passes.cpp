#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/graph/join.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// The graph's outputs from node `from` on, by what has become of the nodes; none where none were named.
std::vector<Output> moved_outputs(const Graph& graph, int from, const std::map<int, int>& node_at) {
  std::vector<Output> moved;
  for (const Output& output : graph.outputs) {
    if (output.node < from) throw usage_error(graph.name, fmt::format("its output '{}' comes before the cut", output.name), "cut at another stage");
    moved.push_back({output.name, node_at.at(output.node)});
  }
  return moved;
}

/// Nodes [from, to) as a Graph of their own, without names for its outputs unless it goes to the end; a node before `from` that they read becomes its
/// Input.
Graph slice(const Graph& graph, std::size_t from, std::size_t to) {
  Graph part;
  part.name = graph.name;
  part.stages = graph.stages;
  std::map<int, int> parameter_at, node_at;
  const auto take = [&](int node) {
    const auto found = node_at.find(node);
    if (found != node_at.end()) return found->second;
    if (!part.nodes.empty()) throw usage_error(graph.name, "more than one value crosses the cut", "cut at another stage");
    const Node& source = graph.nodes[static_cast<std::size_t>(node)];
    part.nodes.push_back({Input{}, {}, {}, source.dims, source.stage});
    return node_at[node] = 0;
  };
  for (std::size_t i = from; i < to; ++i) {
    Node node = graph.nodes[i];
    for (int& input : node.inputs) input = take(input);
    for (int& parameter : node.parameters) {
      const auto [at, added] = parameter_at.try_emplace(parameter, static_cast<int>(part.parameters.size()));
      if (added) part.parameters.push_back(graph.parameters[static_cast<std::size_t>(parameter)]);
      parameter = at->second;
    }
    node_at[static_cast<int>(i)] = static_cast<int>(part.nodes.size());
    part.nodes.push_back(std::move(node));
  }
  if (to == graph.nodes.size()) part.outputs = moved_outputs(graph, static_cast<int>(from), node_at);
  return part;
}

std::size_t first_node_of(const Graph& graph, int stage) {
  const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.stage >= stage; });
  return static_cast<std::size_t>(found - graph.nodes.begin());
}

/// The state-dict path of the last stage's linear layer, "head" where it has none.
std::string head_name(const Graph& graph) {
  for (const Node& n : graph.nodes)
    if (n.stage == static_cast<int>(graph.stages.size()) - 1 && std::holds_alternative<Linear>(n.op)) {
      const std::string& weight = graph.parameters[static_cast<std::size_t>(n.parameters[0])].name;
      return weight.substr(0, weight.rfind('.'));
    }
  return "head";
}

/// The first node of the stage; Error (usage) where none stands before it.
std::size_t cut_before(const Graph& graph, const std::string& stage) {
  const std::size_t cut = first_node_of(graph, graph.stage(stage));
  if (cut == 0) throw usage_error(graph.name, fmt::format("nothing comes before the stage '{}'", stage), "cut at a later stage");
  return cut;
}

/// The node before `cut` whose value what follows reads; the first of them.
std::size_t crossing(const Graph& graph, std::size_t cut) {
  for (std::size_t i = cut; i < graph.nodes.size(); ++i)
    for (const int from : graph.nodes[i].inputs)
      if (static_cast<std::size_t>(from) < cut) return static_cast<std::size_t>(from);
  return cut - 1;
}

/// What it gives without the average that it may end in.
Value before_average(Graph& graph) {
  const auto is_average = [](const Node& n) {
    return std::holds_alternative<GlobalAveragePool>(n.op) || std::holds_alternative<Flatten>(n.op) || std::holds_alternative<Dropout>(n.op);
  };
  std::size_t last = graph.output();
  while (graph.nodes[last].dims.size() != 3 && is_average(graph.nodes[last])) last = static_cast<std::size_t>(graph.nodes[last].inputs[0]);
  graph.nodes.resize(last + 1);
  return {&graph, static_cast<int>(last)};
}

/// The graph with MirrorViews behind its input.
Graph mirrored(Graph graph) {
  for (Node& node : graph.nodes)
    for (int& from : node.inputs) ++from;  // node i moves to i + 1, and what read the input reads the views
  for (Output& output : graph.outputs) ++output.node;
  const Node& input = graph.nodes.front();
  Node views{MirrorViews{}, {0}, {}, input.dims, input.stage};
  graph.nodes.insert(graph.nodes.begin() + 1, std::move(views));
  return graph;
}

}  // namespace

std::pair<Graph, Graph> split(const Graph& graph, const std::string& stage) {
  const std::size_t cut = cut_before(graph, stage);
  Graph before = slice(graph, 0, cut);
  before.outputs = {{kActivations, static_cast<int>(crossing(graph, cut))}};
  return {std::move(before), slice(graph, cut, graph.nodes.size())};
}

std::pair<Graph, Graph> split_behind(const Graph& graph, std::size_t node) {
  if (crossing(graph, node + 1) != node) throw usage_error(graph.name, "more than one value crosses the cut", "cut at another node");
  Graph before = slice(graph, 0, node + 1);
  before.outputs = {{kActivations, static_cast<int>(node)}};
  return {std::move(before), slice(graph, node + 1, graph.nodes.size())};
}

Graph features(const Graph& graph, bool every_stage, bool flatten) {
  const auto is_stages = [](const Output& output) { return output.name == kStages; };
  const auto stages = std::ranges::find_if(graph.outputs, is_stages);  // of networks that are joined
  const bool joined = stages != graph.outputs.end();
  Graph whole = graph;
  std::erase_if(whole.outputs, is_stages);
  Graph prefix = split(whole, graph.stages.back()).first;
  prefix.stages.pop_back();
  const Value end = flatten ? before_average(prefix) : output_of(prefix);
  if (flatten && end.dims().size() != 3)
    throw usage_error(graph.name, fmt::format("its last features are not a map that could be flattened, but {} numbers", feature_count(graph)),
                      "end it at an earlier stage: NAME:STAGE, for instance vgg16:block5");
  const Value last = flatten ? apply(Flatten{}, {end}) : averaged(end);
  prefix.outputs = {{kFeatures, last.node}};
  if (joined && !every_stage) prefix.nodes.resize(static_cast<std::size_t>(last.node) + 1);  // without the averages that nobody reads
  if (!every_stage) return prefix;
  std::vector<Value> parts{last};
  if (joined) parts.push_back({&prefix, stages->node});
  for (int stage = 1; stage + 1 < static_cast<int>(prefix.stages.size()); ++stage)
    parts.push_back(averaged({&prefix, static_cast<int>(first_node_of(prefix, stage + 1)) - 1}));
  prefix.outputs = {{kFeatures, graph::apply(Concat{}, parts).node}};
  return prefix;
}

Hash128 hash_of_weights(const Graph& graph) {
  Hasher hasher;
  for (const Parameter& p : graph.parameters) hasher.add(std::as_bytes(p.tensor.values));
  return hasher.finish();
}

int64_t feature_count(const Graph& graph) {
  const Dims& last = graph.nodes[crossing(graph, cut_before(graph, graph.stages.back()))].dims;
  return last.size() > 1 ? infer(GlobalAveragePool{}, {last})[0] : last[0];
}

Graph grey(Graph graph, const std::array<float, 3>& factors) {
  graph.nodes.front().dims[0] = 1;
  for (const Node& node : graph.nodes) {
    if (std::ranges::find(node.inputs, 0) == node.inputs.end()) continue;
    const auto* conv = std::get_if<Conv2d>(&node.op);
    if (conv == nullptr || conv->groups != 1)
      throw usage_error(graph.name, "its first layer is not a convolution whose weights could be summed to grayscale",
                        "omit --gray: grayscale photos are then read as color");
    Parameter& weight = graph.parameters[static_cast<std::size_t>(node.parameters[0])];
    const auto places = static_cast<std::size_t>(conv->kernel * conv->kernel_width());
    weight.shape[1] = 1;
    if (weight.tensor.empty()) continue;
    std::vector<float> summed(weight.tensor.values.size() / 3);
    for (std::size_t i = 0; i < summed.size(); ++i)
      for (std::size_t c = 0; c < 3; ++c) summed[i] += factors[c] * weight.tensor.values[(i / places * 3 + c) * places + i % places];
    weight.tensor = Tensor::copy_of(summed);
  }
  return graph;
}

Graph until(const Graph& graph, const std::string& stage) {
  const int last = graph.stage(stage);
  if (last + 1 == static_cast<int>(graph.stages.size()))
    throw usage_error(graph.name, fmt::format("'{}' is its last stage", stage), "name an earlier one, or the network without a stage");
  const std::size_t end = first_node_of(graph, last + 1);
  Graph cut = slice(graph, 0, end);
  cut.stages.resize(static_cast<std::size_t>(last) + 1);
  Builder builder(cut);
  builder.stage("head");
  const Value features = averaged({&cut, static_cast<int>(crossing(graph, end))});
  cut.outputs = {{kLogits, builder.linear("head", features, {.out = graph.output_dims()[0]}).node}};
  return cut;
}

Graph replace_head(const Graph& graph, int64_t classes, const HeadInput& input, std::span<const int64_t> hidden) {
  Graph replaced = features(graph, input.every_stage, input.flatten);
  if (input.mirror) replaced = mirrored(std::move(replaced));
  Builder builder(replaced);
  builder.stage(graph.stages.back());
  Value x = output_of(replaced);
  if (input.mirror && hidden.empty()) x = apply(MeanOfViews{}, {x});
  for (std::size_t i = 0; i < hidden.size(); ++i) x = relu(builder.in("hidden").linear(std::to_string(i), x, {.out = hidden[i]}));
  x = builder.linear(head_name(graph), x, {.out = classes});
  if (input.mirror && !hidden.empty()) x = apply(MeanOfViews{}, {x});
  replaced.outputs = {{kLogits, x.node}};
  return replaced;
}

Graph with_mirrored_answer(Graph graph) {
  Graph both = mirrored(std::move(graph));
  for (const Output& output : both.named_outputs())
    both.name_output(output.name, static_cast<std::size_t>(apply(MeanOfViews{}, {Value{&both, output.node}}).node));
  return both;
}

Node* last_linear(Graph& graph) {
  std::size_t last = graph.output();
  while (std::holds_alternative<MeanOfViews>(graph.nodes[last].op)) last = static_cast<std::size_t>(graph.nodes[last].inputs.front());
  return std::holds_alternative<Linear>(graph.nodes[last].op) ? &graph.nodes[last] : nullptr;
}

bool divide_answer(Graph& graph, double by) {
  const Node* last = last_linear(graph);
  if (last == nullptr) return false;
  for (const int p : last->parameters) {
    Tensor& tensor = graph.parameters[static_cast<std::size_t>(p)].tensor;
    std::vector<float> values(tensor.values.begin(), tensor.values.end());
    for (float& value : values) value = static_cast<float>(static_cast<double>(value) / by);
    tensor = Tensor::copy_of(values);
  }
  return true;
}

}  // namespace graft::graph
