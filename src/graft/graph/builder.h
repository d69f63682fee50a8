// Builds a Graph in the terms of the paper. `b.in("layer1").in("0")` is the state-dict path, so names are where layers are made.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::graph {

/// The output of one node of a Graph under construction.
struct Value {
  Graph* graph;
  int node;
  const Dims& dims() const { return graph->nodes[static_cast<std::size_t>(node)].dims; }  // valid until the next node is added
  int64_t channels() const { return dims()[0]; }
};

class Builder {
 public:
  explicit Builder(Graph& graph, std::string path = {}) : graph_(&graph), path_(std::move(path)) {}

  Builder in(const std::string& name) const { return Builder(*graph_, path_ + name + "."); }
  /// Nodes added from here on belong to this stage.
  void stage(const std::string& name) { graph_->stages.push_back(name); }

  Value input(Dims dims);  // (3, H, W); the first node
  Value conv(const std::string& name, Value x, Conv2d op) { return add(op, {x}, name); }
  Value conv_transpose(const std::string& name, Value x, ConvTranspose2d op) { return add(op, {x}, name); }
  Value batch_norm(const std::string& name, Value x, BatchNorm op = {}) { return add(op, {x}, name); }
  Value layer_norm(const std::string& name, Value x, LayerNorm op = {}) { return add(op, {x}, name); }
  Value linear(const std::string& name, Value x, Linear op) { return add(op, {x}, name); }
  /// An operator whose one parameter is called `name` itself: Scale, ClassToken or PositionEmbedding.
  Value with(const std::string& name, Value x, Operator op) { return add(std::move(op), {x}, name); }
  /// An operator without parameters.
  Value apply(Operator op, const std::vector<Value>& inputs) { return add(std::move(op), inputs, ""); }

 private:
  Value add(Operator op, const std::vector<Value>& inputs, const std::string& name);

  Graph* graph_;
  std::string path_;
};

inline Value apply(Operator op, const std::vector<Value>& inputs) { return Builder(*inputs[0].graph).apply(std::move(op), inputs); }
inline Value relu(Value x) { return apply(Activation{Function::relu}, {x}); }
inline Value relu6(Value x) { return apply(Activation{Function::relu6}, {x}); }
inline Value activate(Function function, Value x) { return apply(Activation{function}, {x}); }
inline Value instance_norm(Value x) { return apply(InstanceNorm{}, {x}); }
inline Value reflection_pad(Value x, int64_t size) { return apply(ReflectionPad{size}, {x}); }
/// PyTorch's AdaptiveAvgPool2d(size), as the plain pooling it is for pictures of a multiple of `size`.
Value adaptive_average_pool(Value x, int64_t size);
/// What the whole graph gives: the first of its outputs.
inline Value output_of(Graph& graph) { return {&graph, static_cast<int>(graph.output())}; }
/// (F): averaged over the picture or its tokens; a value without places as it is.
Value averaged(Value x);
inline Value operator+(Value a, Value b) { return apply(Add{}, {a, b}); }

}  // namespace graft::graph
