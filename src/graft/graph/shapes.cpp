#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// Positions of a window of `kernel` over `size` pixels.
int64_t window(int64_t size, int64_t kernel, int64_t stride, int64_t padding, bool ceil = false) {
  const int64_t room = size + 2 * padding - kernel;
  if (room < 0)
    throw usage_error("input size", fmt::format("{} pixels arrive at a window of {}, which is too few", size, kernel), "choose a larger --size");
  int64_t out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
  if (ceil && (out - 1) * stride >= size + padding) --out;  // the last window must start inside the image, as in PyTorch
  return out;
}

}  // namespace

Dims infer(const Operator& op, const std::vector<Dims>& inputs) {
  const Dims& x = inputs[0];
  return std::visit(
      Overloaded{
          [&](const Input&) { return x; },
          [&](const Conv2d& c) {
            if (c.same) return Dims{c.out, (x[1] + c.stride - 1) / c.stride, (x[2] + c.stride - 1) / c.stride};
            return Dims{c.out, window(x[1], c.kernel, c.stride, c.pad_height()), window(x[2], c.kernel_width(), c.stride, c.pad_width())};
          },
          [&](const BatchNorm&) { return x; },
          [&](const Linear& l) { return Dims{l.out}; },
          [&](const Activation&) { return x; },
          [&](const MaxPool& p) {
            return Dims{x[0], window(x[1], p.kernel, p.stride, p.padding, p.ceil), window(x[2], p.kernel, p.stride, p.padding, p.ceil)};
          },
          [&](const AveragePool& p) {
            return Dims{x[0], window(x[1], p.kernel, p.stride, p.padding), window(x[2], p.kernel, p.stride, p.padding)};
          },
          [&](const GlobalAveragePool& p) {
            return p.keep ? Dims{x[0], 1, 1} : Dims{x[0]};
          },
          [&](const Flatten&) { return Dims{element_count(x)}; },
          [&](const Dropout&) { return x; },
          [&](const Add&) {
            if (inputs[0] != inputs[1])
              throw usage_error("add", fmt::format("{} and {} have different shapes", to_string(inputs[0]), to_string(inputs[1])));
            return x;
          },
          [&](const Multiply&) {
            if (inputs[1] != Dims{x[0], 1, 1})
              throw usage_error("multiply", fmt::format("{} cannot be scaled by {}", to_string(x), to_string(inputs[1])));
            return x;
          },
          [&](const Concat&) {
            Dims out = x;
            for (std::size_t i = 1; i < inputs.size(); ++i) out[0] += inputs[i][0];
            return out;
          },
          [&](const MirrorViews&) { return x; },
          [&](const MeanOfViews&) { return x; },
      },
      op);
}

std::vector<Parameter> parameters_of(const Operator& op, const Dims& x, const std::string& path) {
  using Parameters = std::vector<Parameter>;
  const auto parameter = [&](const char* what, Dims shape, bool buffer = false) { return Parameter{path + what, std::move(shape), 0, buffer, {}}; };
  return std::visit(Overloaded{
                        [&](const Conv2d& c) {
                          Parameters ps{parameter(".weight", {c.out, x[0] / c.groups, c.kernel, c.kernel_width()})};
                          if (c.bias) ps.push_back(parameter(".bias", {c.out}));
                          return ps;
                        },
                        [&](const BatchNorm&) {
                          return Parameters{parameter(".weight", {x[0]}), parameter(".bias", {x[0]}), parameter(".running_mean", {x[0]}, true),
                                            parameter(".running_var", {x[0]}, true)};
                        },
                        [&](const Linear& l) {
                          return Parameters{parameter(".weight", {l.out, x[0]}), parameter(".bias", {l.out})};
                        },
                        [](const Input&) { return Parameters{}; },
                        [](const Activation&) { return Parameters{}; },
                        [](const MaxPool&) { return Parameters{}; },
                        [](const AveragePool&) { return Parameters{}; },
                        [](const GlobalAveragePool&) { return Parameters{}; },
                        [](const Flatten&) { return Parameters{}; },
                        [](const Dropout&) { return Parameters{}; },
                        [](const Add&) { return Parameters{}; },
                        [](const Multiply&) { return Parameters{}; },
                        [](const Concat&) { return Parameters{}; },
                        [](const MirrorViews&) { return Parameters{}; },
                        [](const MeanOfViews&) { return Parameters{}; },
                    },
                    op);
}

int64_t parameter_count(const Graph& graph) {
  int64_t sum = 0;
  for (const Parameter& p : graph.parameters)
    if (!p.buffer) sum += element_count(p.shape);
  return sum;
}

int64_t multiply_adds(const Graph& graph) {
  int64_t sum = 0;
  for (const Node& n : graph.nodes) {
    if (!std::holds_alternative<Conv2d>(n.op) && !std::holds_alternative<Linear>(n.op)) continue;
    const int64_t weights = element_count(graph.parameters[static_cast<std::size_t>(n.parameters[0])].shape);
    const int64_t positions = n.dims.size() == 3 ? n.dims[1] * n.dims[2] : 1;
    sum += weights * positions;
  }
  return sum;
}

}  // namespace graft::graph
