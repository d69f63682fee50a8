#include "graft/train/graph/liveness.h"

#include <algorithm>
#include <variant>

namespace graft::train {
namespace {

std::size_t number(int node) { return static_cast<std::size_t>(node); }

bool is_batch_norm(const graph::Node& node) { return std::holds_alternative<graph::BatchNorm>(node.op); }

/// Activations that only read a batch norm, and those by their output that only read a sum.
void find_fused(const graph::Graph& graph, Liveness& plan) {
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const auto* a = std::get_if<graph::Activation>(&graph.nodes[i].op);
    if (a == nullptr) continue;
    const std::size_t from = number(graph.nodes[i].inputs[0]);
    if (plan.readers[from] != 1) continue;
    const bool by_output = a->function == graph::Function::relu || a->function == graph::Function::relu6;
    if ((is_batch_norm(graph.nodes[from]) && shape_of(a->function)) || (by_output && std::holds_alternative<graph::Add>(graph.nodes[from].op)))
      plan.fused[from] = static_cast<int>(i);
  }
}

/// Of the readers' forward passes the last; of an output none, which is the number of nodes.
std::vector<int> last_readers(const graph::Graph& graph, const Liveness& plan) {
  const std::size_t count = graph.nodes.size();
  std::vector<int> last(count, -1);
  for (std::size_t i = 0; i < count; ++i)
    for (const int from : graph.nodes[i].inputs) last[number(from)] = static_cast<int>(i);
  for (const graph::Output& output : graph.named_outputs()) last[number(output.node)] = static_cast<int>(count);
  for (std::size_t i = count; i-- > 1;) {  // a batch norm's input is read whenever its output is
    const std::size_t from = number(graph.nodes[i].inputs[0]);
    if (plan.fused[from] == static_cast<int>(i) || is_batch_norm(graph.nodes[i])) last[from] = std::max(last[from], last[i]);
  }
  return last;
}

/// Backward reads an output when its own operator does or a reader, or when a batch norm's output is computed from it for one that does.
void find_kept(const graph::Graph& graph, const std::vector<Use>& uses, Liveness& plan) {
  for (std::size_t i = graph.nodes.size(); i-- > 1;) {
    const graph::Node& node = graph.nodes[i];
    if (plan.needs[i] && uses[i].backward_reads_output) plan.keeps[i] = true;
    const bool passes = is_batch_norm(node) || plan.fused[number(node.inputs[0])] == static_cast<int>(i);
    for (const int from : node.inputs)
      if ((plan.needs[i] && uses[i].backward_reads_inputs) || (passes && plan.keeps[i])) plan.keeps[number(from)] = true;
  }
}

/// The batch norm that a node is, or whose activation it is; -1: neither.
int norm_behind(const graph::Graph& graph, const Liveness& plan, std::size_t i) {
  if (is_batch_norm(graph.nodes[i])) return static_cast<int>(i);
  if (!std::holds_alternative<graph::Activation>(graph.nodes[i].op)) return -1;
  const int from = graph.nodes[i].inputs[0];
  return is_batch_norm(graph.nodes[number(from)]) && plan.fused[number(from)] == static_cast<int>(i) ? from : -1;
}

/// When outputs become tensors: most at once, those of batch norms when somebody asks for them who does not read through.
void find_made(const graph::Graph& graph, const std::vector<Use>& uses, Liveness& plan) {
  const auto count = static_cast<int>(graph.nodes.size());
  const auto ask = [&](int node, int reader) {
    int& at = plan.made_at[number(node)];
    if (at < 0) at = reader;
  };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const int norm = norm_behind(graph, plan, i);
    if (norm < 0) plan.made_at[i] = static_cast<int>(i);
    if (norm >= 0 && norm != static_cast<int>(i)) continue;  // an activation that is computed with its batch norm asks for nothing
    for (const int from : graph.nodes[i].inputs) {
      const int read = norm_behind(graph, plan, number(from));
      const bool has_shape = read >= 0 && plan.fused[number(read)] >= 0;
      const bool through = uses[i].through && (!has_shape || !std::holds_alternative<graph::Add>(graph.nodes[i].op));
      if (read >= 0 && !through) ask(from, static_cast<int>(i));
    }
  }
  for (const graph::Output& output : graph.named_outputs()) ask(output.node, count);
}

}  // namespace

std::optional<Shape> shape_of(graph::Function function) {
  switch (function) {
    case graph::Function::relu: return Shape::relu;
    case graph::Function::relu6: return Shape::relu6;
    case graph::Function::silu: return Shape::silu;
    case graph::Function::hard_swish: return Shape::hard_swish;
    case graph::Function::sigmoid:
    case graph::Function::hard_sigmoid:
    case graph::Function::gelu:
    case graph::Function::tanh:
    case graph::Function::leaky_relu: break;
  }
  return std::nullopt;
}

bool is_pointwise(const graph::Conv2d& c) { return c.groups == 1 && c.kernel == 1 && c.kernel_width() == 1 && c.stride == 1 && c.pad_height() == 0; }

bool is_depthwise(const graph::Conv2d& c, int64_t channels) {
  return c.groups > 1 && c.groups == channels && c.out == channels && c.kernel == c.kernel_width() && c.kernel <= 7 && c.stride <= 2 &&
         c.pad_height() == c.pad_width();
}

Use UseOf::operator()(const graph::Conv2d& c) const {
  const graph::Dims& from = graph.nodes[number(graph.nodes[node].inputs[0])].dims;
  return {.backward_reads_inputs = true, .through = is_depthwise(c, from[0]) || (is_pointwise(c) && blocks)};
}

Use UseOf::operator()(const graph::Activation& a) const {
  using enum graph::Function;
  const bool by_output = a.function == relu || a.function == relu6 || a.function == sigmoid || a.function == tanh || a.function == leaky_relu;
  return {.backward_reads_inputs = !by_output, .backward_reads_output = by_output};
}

/// Of a picture in the order of the state dict's layers, which see (C, H, W).
Use UseOf::operator()(const graph::Flatten&) const {
  const graph::Dims& from = graph.nodes[number(graph.nodes[node].inputs[0])].dims;
  return {.shares = from.size() != 3 || from[1] * from[2] == 1};
}

Liveness liveness_of(const graph::Graph& graph, const std::vector<bool>& trains, const std::vector<bool>& blocks,
                     const std::vector<std::string>& by) {
  const std::size_t count = graph.nodes.size();
  Liveness plan{.readers = std::vector<int>(count),
                .first_reader = std::vector<int>(count, -1),
                .fused = std::vector<int>(count, -1),
                .needs = std::vector<bool>(count),
                .keeps = std::vector<bool>(count),
                .owner = std::vector<int>(count),
                .made_at = std::vector<int>(count, -1),
                .done_at = std::vector<std::vector<std::size_t>>(count)};
  for (const std::string& name : by) plan.needs[graph.output(name)] = true;
  std::vector<Use> uses;
  for (std::size_t i = 0; i < count; ++i) {
    const graph::Node& node = graph.nodes[i];
    const bool here = trains[number(node.stage)];
    uses.push_back(std::visit(UseOf{graph, i, here, blocks[i]}, node.op));
    plan.needs[i] = plan.needs[i] || (here && !node.parameters.empty());
    for (const int from : node.inputs) {
      plan.needs[i] = plan.needs[i] || plan.needs[number(from)];
      if (plan.readers[number(from)]++ == 0) plan.first_reader[number(from)] = static_cast<int>(i);
    }
  }
  for (const graph::Output& output : graph.named_outputs()) ++plan.readers[number(output.node)];
  find_fused(graph, plan);
  find_kept(graph, uses, plan);
  find_made(graph, uses, plan);
  const std::vector<int> last = last_readers(graph, plan);
  for (std::size_t i = 0; i < count; ++i) {
    const bool shares =
        uses[i].shares || (i > 0 && norm_behind(graph, plan, i) < 0 && plan.fused[number(graph.nodes[i].inputs[0])] == static_cast<int>(i));
    plan.owner[i] = shares ? plan.owner[number(graph.nodes[i].inputs[0])] : static_cast<int>(i);
    if (last[i] < static_cast<int>(count)) plan.done_at[last[i] < 0 ? i : number(last[i])].push_back(i);
  }
  return plan;
}

std::vector<bool> Liveness::held() const {
  std::vector<bool> held(made_at.size());
  for (std::size_t i = 0; i < held.size(); ++i) held[i] = made_at[i] >= 0;
  for (const std::vector<std::size_t>& done : done_at)
    for (const std::size_t i : done)
      if (!keeps[i]) held[i] = false;
  return held;
}

}  // namespace graft::train
