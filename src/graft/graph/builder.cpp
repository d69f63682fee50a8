#include "graft/graph/builder.h"

#include "graft/graph/walks.h"

namespace graft::graph {

Value Builder::input(Dims dims) {
  graph_->nodes.push_back({Input{}, {}, {}, std::move(dims), static_cast<int>(graph_->stages.size()) - 1});
  return {graph_, 0};
}

Value Builder::add(Operator op, const std::vector<Value>& inputs, const std::string& name) {
  const int stage = static_cast<int>(graph_->stages.size()) - 1;
  std::vector<Dims> dims;
  Node node{std::move(op), {}, {}, {}, stage};
  for (const Value& v : inputs) {
    node.inputs.push_back(v.node);
    dims.push_back(v.dims());
  }
  node.dims = infer(node.op, dims);
  for (Parameter& p : parameters_of(node.op, dims[0], path_ + name)) {
    p.stage = stage;
    node.parameters.push_back(static_cast<int>(graph_->parameters.size()));
    graph_->parameters.push_back(std::move(p));
  }
  graph_->nodes.push_back(std::move(node));
  return {graph_, static_cast<int>(graph_->nodes.size()) - 1};
}

Value averaged(Value x) { return x.dims().size() > 1 ? apply(GlobalAveragePool{}, {x}) : x; }

Value adaptive_average_pool(Value x, int64_t size) {
  const int64_t side = x.dims()[1], across = x.dims()[2];
  if (side == size && across == size) return x;
  if (side % size != 0 || side != across) return apply(AdaptiveAveragePool{size}, {x});
  return apply(AveragePool{.kernel = side / size, .stride = side / size}, {x});
}

}  // namespace graft::graph
