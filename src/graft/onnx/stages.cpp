#include <algorithm>

#include "graft/onnx/translate.h"

namespace graft::onnx {
namespace {

using graph::Graph;
using graph::Node;

constexpr double kHalved = 0.6;  // 299 pixels become 149, 147, 73, 71, 35
constexpr int kStemHalvings = 2;
constexpr int64_t kImageNetClasses = 1000, kWithBackground = 1001;

template <class Op>
bool is(const Node& node) {
  return std::holds_alternative<Op>(node.op);
}

/// The lowest node that a node from `i` on reads, for every i: one value crosses before node i where that is i - 1.
std::vector<int> lowest_reads(const Graph& graph) {
  std::vector<int> lowest(graph.nodes.size() + 1, static_cast<int>(graph.nodes.size()));
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    lowest[i] = lowest[i + 1];
    for (const int input : graph.nodes[i].inputs) lowest[i] = std::min(lowest[i], input);
  }
  return lowest;
}

/// SqueezeNet's head is a convolution to the classes before the average; an encoder's last convolution is wider than its input, and gated or
/// normalised.
bool is_classifier(const Graph& graph, std::size_t at) {
  const Node& node = graph.nodes[at];
  const auto* conv = std::get_if<graph::Conv2d>(&node.op);
  if (conv == nullptr || conv->kernel != 1 || conv->kernel_width() != 1 || conv->groups != 1 || !conv->bias) return false;
  const graph::Dims& in = graph.nodes[static_cast<std::size_t>(node.inputs[0])].dims;
  const bool pooled = in[1] == 1 && in[2] == 1;
  if (!pooled && conv->out > in[0] && conv->out != kImageNetClasses && conv->out != kWithBackground) return false;
  return std::all_of(graph.nodes.begin() + static_cast<std::ptrdiff_t>(at) + 1, graph.nodes.end(), [&](const Node& n) {
    const auto* activation = std::get_if<graph::Activation>(&n.op);
    return is<graph::GlobalAveragePool>(n) || is<graph::Flatten>(n) ||
           (activation != nullptr && !pooled && activation->function == graph::Function::relu);
  });
}

/// The first node of the head, or the number of nodes where there is none.
std::size_t head_of(const Graph& graph, const std::vector<int>& lowest) {
  for (std::size_t i = graph.nodes.size(); i-- > 1;) {
    const Node& node = graph.nodes[i];
    if (lowest[i] != static_cast<int>(i) - 1) continue;
    if (is<graph::Linear>(node) || is_classifier(graph, i)) return i;
    if (is<graph::Conv2d>(node)) break;
  }
  return graph.nodes.size();
}

/// Where stages after the stem begin: before the picture is quartered and each time it halves again, at the last place where one value crosses.
std::vector<std::size_t> beginnings(const Graph& graph, const std::vector<int>& lowest, std::size_t head) {
  std::vector<std::size_t> at;
  int64_t side = graph.input_dims()[1];
  int halvings = 0;
  std::size_t place = 0;  // the last one where one value crosses
  for (std::size_t i = 1; i < head; ++i) {
    const Node& node = graph.nodes[i];
    if (lowest[i] == static_cast<int>(i) - 1) place = i;
    if (is<graph::GlobalAveragePool>(node) || node.dims.size() != 3 || static_cast<double>(node.dims[1]) > kHalved * static_cast<double>(side))
      continue;
    if (graph.nodes[static_cast<std::size_t>(node.inputs[0])].dims[1] < side) continue;  // inside the branch of a gate
    for (; static_cast<double>(node.dims[1]) <= kHalved * static_cast<double>(side); side = (side + 1) / 2) ++halvings;
    side = node.dims[1];
    if (halvings >= kStemHalvings && place > 1 && (at.empty() || place > at.back())) at.push_back(place);
  }
  return at;
}

/// Those of a transformer: a stage for each layer, which begins at the last place where one value crosses before its attention.
std::vector<std::size_t> layers(const Graph& graph, const std::vector<int>& lowest) {
  std::vector<std::size_t> at;
  std::size_t place = 0;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    if (lowest[i] == static_cast<int>(i) - 1) place = i;
    if (is<graph::Attention>(graph.nodes[i]) && place > 1 && (at.empty() || place > at.back())) at.push_back(place);
  }
  return at;
}

}  // namespace

Graph with_stages(Graph graph, bool encoder) {
  const std::vector<int> lowest = lowest_reads(graph);
  const std::size_t head = encoder ? graph.nodes.size() : head_of(graph, lowest);
  std::vector<std::size_t> begin = layers(graph, lowest);
  if (begin.empty()) begin = beginnings(graph, lowest, head);
  for (std::size_t s = 1; s <= begin.size(); ++s) graph.stages.push_back("stage" + std::to_string(s));
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    node.stage = static_cast<int>(std::upper_bound(begin.begin(), begin.end(), i) - begin.begin());
    if (i >= head) node.stage = static_cast<int>(begin.size()) + 1;
    for (const int p : node.parameters) graph.parameters[static_cast<std::size_t>(p)].stage = node.stage;
  }
  graph::Builder builder(graph);
  builder.stage("head");
  if (head < graph.nodes.size()) return graph;
  const graph::Value last = graph::averaged(graph::output_of(graph));
  builder.linear(graph.find("head.weight") == nullptr ? "head" : "new_head", last, {.out = last.channels()});
  return graph;
}

}  // namespace graft::onnx
