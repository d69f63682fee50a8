#include "graft/graph/join.h"

#include <fmt/format.h>

#include <vector>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// scale * picture + shift by channel, as a convolution: it can be written, cut to grey and computed like any other.
Value rescaled(Builder builder, const JoinedPart& part, Value picture) {
  Graph& graph = *picture.graph;
  const std::size_t first = graph.parameters.size();
  const Value own = builder.conv("rescale", picture, {.out = 3, .kernel = 1, .bias = true});
  std::vector<float> weight(9);
  for (std::size_t c = 0; c < 3; ++c) weight[4 * c] = part.scale[c];
  graph.parameters[first].tensor = Tensor::copy_of(weight);
  graph.parameters[first + 1].tensor = Tensor::copy_of(part.shift);
  for (std::size_t p = first; p < graph.parameters.size(); ++p) graph.parameters[p].buffer = true;  // constants of the part: never trained
  return own;
}

bool looks_at_the_same(const JoinedPart& part) { return part.scale == std::array<float, 3>{1, 1, 1} && part.shift == std::array<float, 3>{0, 0, 0}; }

/// The part's nodes behind those of `joined`, on this picture; what its head would have seen.
Value append(Graph& joined, const JoinedPart& part, Value picture) {
  const Graph added = features(part.graph);
  const int stage = picture.graph->nodes.front().stage, first_parameter = static_cast<int>(joined.parameters.size());
  for (Parameter parameter : added.parameters) {
    parameter.name = part.name + "." + parameter.name;
    parameter.stage = stage;
    joined.parameters.push_back(std::move(parameter));
  }
  std::vector<int> now{picture.node};  // by node of the part, whose first is its input
  for (std::size_t i = 1; i < added.nodes.size(); ++i) {
    Node node = added.nodes[i];
    for (int& from : node.inputs) from = now[static_cast<std::size_t>(from)];
    for (int& parameter : node.parameters) parameter += first_parameter;
    node.stage = stage;
    now.push_back(static_cast<int>(joined.nodes.size()));
    joined.nodes.push_back(std::move(node));
  }
  return {&joined, now[added.output()]};
}

}  // namespace

Graph join(std::span<const JoinedPart> parts) {
  const Graph& first = parts.front().graph;
  Graph joined;
  for (const JoinedPart& part : parts) {
    joined.name += (joined.name.empty() ? "" : "+") + part.name;
    if (part.graph.input_dims() != first.input_dims())
      throw usage_error(
          part.name,
          fmt::format("takes pictures of {}, {} of {}", to_string(part.graph.input_dims()), parts.front().name, to_string(first.input_dims())),
          "build them for the same size");
  }
  Builder builder(joined);
  builder.stage("networks");
  const Value picture = builder.input(first.input_dims());
  std::vector<Value> seen;
  for (const JoinedPart& part : parts)
    seen.push_back(append(joined, part, looks_at_the_same(part) ? picture : rescaled(builder.in(part.name), part, picture)));
  const Value all = graph::apply(Concat{}, seen);
  builder.stage("head");
  builder.linear("head", all, {.out = first.output_dims()[0]});
  return joined;
}

}  // namespace graft::graph
