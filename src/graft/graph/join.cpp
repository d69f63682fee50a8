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

struct Seen {
  Value last;
  std::vector<Value> stages;  // their ends, but of the stem and of the last one
};

/// The part's nodes behind those of `joined`, on this picture; what its head would have seen.
Seen append(Graph& joined, const JoinedPart& part, Value picture) {
  const Graph added = features(part.graph);
  const int stage = picture.graph->nodes.front().stage, first_parameter = static_cast<int>(joined.parameters.size());
  for (Parameter parameter : added.parameters) {
    parameter.name = part.name + "." + parameter.name;
    parameter.stage = stage;
    joined.parameters.push_back(std::move(parameter));
  }
  std::vector<int> now{picture.node};  // by node of the part, whose first is its input
  std::vector<Value> ends(added.stages.size(), picture);
  for (std::size_t i = 1; i < added.nodes.size(); ++i) {
    Node node = added.nodes[i];
    for (int& from : node.inputs) from = now[static_cast<std::size_t>(from)];
    for (int& parameter : node.parameters) parameter += first_parameter;
    now.push_back(static_cast<int>(joined.nodes.size()));
    ends[static_cast<std::size_t>(node.stage)].node = now.back();
    node.stage = stage;
    joined.nodes.push_back(std::move(node));
  }
  Seen seen{{&joined, now[added.output()]}, {}};
  for (std::size_t s = 1; s + 1 < ends.size(); ++s) seen.stages.push_back(ends[s]);
  return seen;
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
  std::vector<Value> last, stages;
  for (const JoinedPart& part : parts) {
    const Seen seen = append(joined, part, looks_at_the_same(part) ? picture : rescaled(builder.in(part.name), part, picture));
    last.push_back(seen.last);
    stages.insert(stages.end(), seen.stages.begin(), seen.stages.end());
  }
  const Value all = graph::apply(Concat{}, last);
  for (Value& stage : stages) stage = averaged(stage);
  const int of_stages = stages.empty() ? -1 : graph::apply(Concat{}, stages).node;
  builder.stage("head");
  const Value head = builder.linear("head", all, {.out = first.output_dims()[0]});
  joined.outputs = {{kLogits, head.node}};
  if (of_stages >= 0) joined.outputs.push_back({kStages, of_stages});
  return joined;
}

}  // namespace graft::graph
