#include "graft/explain/inside.h"

#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"

namespace graft::explain {
namespace {

/// What the last layer reads, where the network ends in one.
std::vector<int> read_last(const graph::Graph& graph) {
  graph::Graph copy = graph;
  const graph::Node* layer = graph::last_linear(copy);
  return layer == nullptr ? std::vector<int>{} : layer->inputs;
}

graph::Graph with_values(const graph::Graph& graph, std::span<const int> nodes) {
  graph::Graph out = graph;
  std::vector<graph::Value> parts{graph::output_of(out)};
  for (const int node : read_last(graph)) parts.push_back({&out, node});
  for (const int node : nodes) parts.push_back(graph::apply(graph::Flatten{}, {{&out, node}}));
  out.outputs = {{"answers_and_values", graph::apply(graph::Concat{}, parts).node}};
  return out;
}

std::size_t count_of(const graph::Graph& graph, int node) {
  return static_cast<std::size_t>(graph::element_count(graph.nodes[static_cast<std::size_t>(node)].dims));
}

}  // namespace

std::vector<float> InsideValues::columns(std::size_t first, std::size_t count) const {
  std::vector<float> all;
  for (std::size_t at = first; at < rows.size(); at += width)
    all.insert(all.end(), rows.begin() + static_cast<std::ptrdiff_t>(at), rows.begin() + static_cast<std::ptrdiff_t>(at + count));
  return all;
}

std::vector<float> InsideValues::logits() const { return columns(0, classes); }
std::vector<float> InsideValues::features() const { return columns(classes, read_last); }

std::span<const float> InsideValues::of(std::size_t photo, std::size_t node) const {
  const std::size_t end = node + 1 < begins.size() ? begins[node + 1] : width;
  return std::span(rows).subspan(photo * width + begins[node], end - begins[node]);
}

Inside::Inside(const Network& network, std::span<const int> nodes, const ExplainOptions& options)
    : engine_(onnx::write(with_values(*network.graph, nodes)), network.name, network.card.preprocess,
              {.precision = options.precision, .threads = options.threads, .batch = options.batch}) {
  shape_.classes = network.card.labels.size();
  for (const int node : read_last(*network.graph)) shape_.read_last = count_of(*network.graph, node);
  shape_.width = shape_.classes + shape_.read_last;
  for (const int node : nodes) {
    shape_.begins.push_back(shape_.width);
    shape_.width += count_of(*network.graph, node);
  }
}

InsideValues Inside::run(std::span<const uint8_t> rows, std::size_t n) {
  InsideValues values = shape_;
  values.rows.resize(n * values.width);
  engine_.run(rows, n, values.rows);
  return values;
}

}  // namespace graft::explain
