#include <fmt/format.h>

#include <cmath>

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

/// Places of a transposed convolution over `size` pixels.
int64_t widened(int64_t size, const ConvTranspose2d& c) {
  const int64_t out = (size - 1) * c.stride - 2 * c.padding + c.kernel + c.output_padding;
  if (out < 1) throw usage_error("input size", fmt::format("{} pixels leave nothing of a transposed convolution", size), "choose a larger --size");
  return out;
}

int64_t reflected(int64_t size, int64_t padding) {
  if (padding >= size) throw usage_error("input size", fmt::format("{} pixels cannot be mirrored {} wide", size, padding), "choose a larger --size");
  return size + 2 * padding;
}

/// Of (C, H, W), of tokens (T, C), of a vector (F).
int64_t channels(const Dims& dims) { return dims.size() == 2 ? dims[1] : dims[0]; }

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
          [&](const ConvTranspose2d& c) {
            return Dims{c.out, widened(x[1], c), widened(x[2], c)};
          },
          [&](const BatchNorm&) { return x; },
          [&](const LayerNorm&) { return x; },
          [&](const InstanceNorm&) { return x; },
          [&](const Linear& l) {
            return x.size() == 2 ? Dims{x[0], l.out} : Dims{l.out};
          },
          [&](const Activation&) { return x; },
          [&](const MaxPool& p) {
            return Dims{x[0], window(x[1], p.kernel, p.stride, p.padding, p.ceil), window(x[2], p.kernel, p.stride, p.padding, p.ceil)};
          },
          [&](const AveragePool& p) {
            return Dims{x[0], window(x[1], p.kernel, p.stride, p.padding), window(x[2], p.kernel, p.stride, p.padding)};
          },
          [&](const AdaptiveAveragePool& p) {
            return Dims{x[0], p.size, p.size};
          },
          [&](const ReflectionPad& p) {
            return Dims{x[0], reflected(x[1], p.size), reflected(x[2], p.size)};
          },
          [&](const GlobalAveragePool& p) {
            return p.keep ? Dims{x[0], 1, 1} : Dims{channels(x)};
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
          [&](const Scale&) { return x; },
          [&](const ChannelSlice& c) {
            return Dims{c.length, x[1], x[2]};
          },
          [&](const ChannelShuffle&) { return x; },
          [&](const Tokens&) {
            return Dims{x[1] * x[2], x[0]};
          },
          [&](const Picture& p) {
            if (p.height < 1 || x[0] % p.height != 0) throw usage_error("picture", fmt::format("{} tokens are no picture {} high", x[0], p.height));
            return Dims{x[1], p.height, x[0] / p.height};
          },
          [&](const ClassToken&) {
            return Dims{x[0] + 1, x[1]};
          },
          [&](const PositionEmbedding&) { return x; },
          [&](const Attention& a) {
            if (x[1] % (3 * a.heads) != 0)
              throw usage_error("attention", fmt::format("{} channels are not queries, keys and values of {} heads", x[1], a.heads));
            return Dims{x[0], x[1] / 3};
          },
          [&](const FirstToken&) { return Dims{x[1]}; },
          [&](const MirrorViews&) { return x; },
          [&](const MeanOfViews&) { return x; },
          [&](const Foreign& f) { return f.out; },
      },
      op);
}

std::vector<Parameter> parameters_of(const Operator& op, const Dims& x, const std::string& path) {
  using Parameters = std::vector<Parameter>;
  const auto parameter = [&](const char* what, Dims shape, bool buffer = false) { return Parameter{path + what, std::move(shape), 0, buffer, {}}; };
  return std::visit(
      Overloaded{
          [&](const Conv2d& c) {
            Parameters ps{parameter(".weight", {c.out, x[0] / c.groups, c.kernel, c.kernel_width()})};
            if (c.bias) ps.push_back(parameter(".bias", {c.out}));
            return ps;
          },
          [&](const ConvTranspose2d& c) {
            Parameters ps{parameter(".weight", {x[0], c.out, c.kernel, c.kernel})};
            if (c.bias) ps.push_back(parameter(".bias", {c.out}));
            return ps;
          },
          [&](const BatchNorm&) {
            return Parameters{parameter(".weight", {x[0]}), parameter(".bias", {x[0]}), parameter(".running_mean", {x[0]}, true),
                              parameter(".running_var", {x[0]}, true)};
          },
          [&](const LayerNorm&) {
            return Parameters{parameter(".weight", {channels(x)}), parameter(".bias", {channels(x)})};
          },
          [&](const Linear& l) {
            const std::string joint(1, l.joint);
            return Parameters{parameter((joint + "weight").c_str(), {l.out, channels(x)}), parameter((joint + "bias").c_str(), {l.out})};
          },
          [&](const Scale&) {
            return Parameters{parameter("", x.size() == 3 ? Dims{x[0], 1, 1} : Dims{channels(x)})};
          },
          [&](const ClassToken&) {
            return Parameters{parameter("", {1, 1, x[1]})};
          },
          [&](const PositionEmbedding&) {
            return Parameters{parameter("", {1, x[0], x[1]})};
          },
          [](const Input&) { return Parameters{}; },
          [](const InstanceNorm&) { return Parameters{}; },
          [](const Activation&) { return Parameters{}; },
          [](const MaxPool&) { return Parameters{}; },
          [](const AveragePool&) { return Parameters{}; },
          [](const ReflectionPad&) { return Parameters{}; },
          [](const GlobalAveragePool&) { return Parameters{}; },
          [](const Flatten&) { return Parameters{}; },
          [](const Dropout&) { return Parameters{}; },
          [](const Add&) { return Parameters{}; },
          [](const Multiply&) { return Parameters{}; },
          [](const Concat&) { return Parameters{}; },
          [](const AdaptiveAveragePool&) { return Parameters{}; },
          [](const ChannelSlice&) { return Parameters{}; },
          [](const ChannelShuffle&) { return Parameters{}; },
          [](const Tokens&) { return Parameters{}; },
          [](const Picture&) { return Parameters{}; },
          [](const Attention&) { return Parameters{}; },
          [](const FirstToken&) { return Parameters{}; },
          [](const MirrorViews&) { return Parameters{}; },
          [](const MeanOfViews&) { return Parameters{}; },
          [](const Foreign&) { return Parameters{}; },
      },
      op);
}

int64_t parameter_count(const Graph& graph) {
  int64_t sum = 0;
  for (const Parameter& p : graph.parameters)
    if (!p.buffer) sum += element_count(p.shape);
  return sum;
}

namespace {

/// Of one node. What torchvision does not count is 0 here, too.
struct MultiplyAdds {
  const Graph& graph;
  const Node& node;

  /// Every weight once at every place of these, the output's if not said otherwise.
  int64_t weighted(const Dims& dims) const {
    const int64_t weights = element_count(graph.parameters[static_cast<std::size_t>(node.parameters[0])].shape);
    return weights * (element_count(dims) / channels(dims));
  }
  int64_t weighted() const { return weighted(node.dims); }
  int64_t operator()(const Conv2d&) const { return weighted(); }
  int64_t operator()(const ConvTranspose2d&) const { return weighted(graph.nodes[static_cast<std::size_t>(node.inputs[0])].dims); }
  int64_t operator()(const Linear&) const { return weighted(); }
  int64_t operator()(const Attention&) const { return 2 * node.dims[0] * node.dims[0] * node.dims[1]; }
  int64_t operator()(const Input&) const { return 0; }
  int64_t operator()(const BatchNorm&) const { return 0; }
  int64_t operator()(const LayerNorm&) const { return 0; }
  int64_t operator()(const InstanceNorm&) const { return 0; }
  int64_t operator()(const Activation&) const { return 0; }
  int64_t operator()(const MaxPool&) const { return 0; }
  int64_t operator()(const AveragePool&) const { return 0; }
  int64_t operator()(const AdaptiveAveragePool&) const { return 0; }
  int64_t operator()(const ReflectionPad&) const { return 0; }
  int64_t operator()(const GlobalAveragePool&) const { return 0; }
  int64_t operator()(const Flatten&) const { return 0; }
  int64_t operator()(const Dropout&) const { return 0; }
  int64_t operator()(const Add&) const { return 0; }
  int64_t operator()(const Multiply&) const { return 0; }
  int64_t operator()(const Scale&) const { return 0; }
  int64_t operator()(const Concat&) const { return 0; }
  int64_t operator()(const ChannelSlice&) const { return 0; }
  int64_t operator()(const ChannelShuffle&) const { return 0; }
  int64_t operator()(const Tokens&) const { return 0; }
  int64_t operator()(const Picture&) const { return 0; }
  int64_t operator()(const ClassToken&) const { return 0; }
  int64_t operator()(const PositionEmbedding&) const { return 0; }
  int64_t operator()(const FirstToken&) const { return 0; }
  int64_t operator()(const MirrorViews&) const { return 0; }
  int64_t operator()(const MeanOfViews&) const { return 0; }
  int64_t operator()(const Foreign&) const { return 0; }  // not known
};

}  // namespace

int64_t multiply_adds(const Graph& graph) {
  int64_t sum = 0;
  for (const Node& node : graph.nodes) sum += std::visit(MultiplyAdds{graph, node}, node.op);
  return sum;
}

}  // namespace graft::graph
