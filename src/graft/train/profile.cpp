#include "graft/train/profile.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/graph/walks.h"

namespace graft::train {
namespace {

std::string size_of(const graph::Dims& dims) {
  if (dims.size() == 3) return fmt::format("{} at {}x{}", dims[0], dims[1], dims[2]);
  return graph::to_string(dims);
}

std::string name_of(const graph::Conv2d& c, const graph::Dims& from) {
  const std::string window = fmt::format("{}x{}{}", c.kernel, c.kernel_width(), c.stride > 1 ? fmt::format(" stride {}", c.stride) : "");
  if (c.groups > 1 && c.groups == from[0] && c.out == from[0]) return fmt::format("depthwise {}, {}", window, size_of(from));
  const std::string groups = c.groups > 1 ? fmt::format(" in {} groups", c.groups) : "";
  return fmt::format("convolution {}{}, {} from {}", window, groups, c.out, size_of(from));
}

const char* name_of(const graph::Operator& op) {
  return std::visit(graph::Overloaded{[](const graph::Input&) { return "input"; },
                                      [](const graph::Conv2d&) { return "convolution"; },
                                      [](const graph::ConvTranspose2d&) { return "transposed convolution"; },
                                      [](const graph::BatchNorm&) { return "batch norm"; },
                                      [](const graph::LayerNorm&) { return "layer norm"; },
                                      [](const graph::InstanceNorm&) { return "instance norm"; },
                                      [](const graph::Linear&) { return "linear"; },
                                      [](const graph::Activation&) { return "activation"; },
                                      [](const graph::MaxPool&) { return "max pool"; },
                                      [](const graph::AveragePool&) { return "average pool"; },
                                      [](const graph::AdaptiveAveragePool&) { return "adaptive average pool"; },
                                      [](const graph::ReflectionPad&) { return "reflection padding"; },
                                      [](const graph::GlobalAveragePool&) { return "global average pool"; },
                                      [](const graph::Flatten&) { return "flatten"; },
                                      [](const graph::Dropout& d) { return d.whole ? "stochastic depth" : "dropout"; },
                                      [](const graph::Add&) { return "add"; },
                                      [](const graph::Multiply&) { return "multiply"; },
                                      [](const graph::Scale&) { return "scale"; },
                                      [](const graph::Concat&) { return "concat"; },
                                      [](const graph::ChannelSlice&) { return "channel slice"; },
                                      [](const graph::ChannelShuffle&) { return "channel shuffle"; },
                                      [](const graph::Tokens&) { return "tokens"; },
                                      [](const graph::Picture&) { return "picture"; },
                                      [](const graph::ClassToken&) { return "class token"; },
                                      [](const graph::PositionEmbedding&) { return "position embedding"; },
                                      [](const graph::Attention&) { return "attention"; },
                                      [](const graph::FirstToken&) { return "first token"; },
                                      [](const graph::MirrorViews&) { return "mirror views"; },
                                      [](const graph::MeanOfViews&) { return "mean of views"; },
                                      [](const graph::Foreign&) { return "foreign"; }},
                    op);
}

}  // namespace

void Profile::add(const std::string& what, const std::string& kernel, double seconds) {
  OperatorTime& time = times_[{what, kernel}];
  time.what = what;
  time.kernel = kernel;
  ++time.calls;
  time.seconds += seconds;
}

std::vector<OperatorTime> Profile::times() const {
  std::vector<OperatorTime> list;
  for (const auto& [key, time] : times_) list.push_back(time);
  std::ranges::stable_sort(list, std::greater{}, &OperatorTime::seconds);
  return list;
}

std::string describe(const graph::Graph& graph, std::size_t node) {
  const graph::Node& n = graph.nodes[node];
  if (n.inputs.empty()) return "input";
  const graph::Dims& from = graph.nodes[static_cast<std::size_t>(n.inputs[0])].dims;
  if (const auto* c = std::get_if<graph::Conv2d>(&n.op)) return name_of(*c, from);
  return fmt::format("{}, {}", name_of(n.op), size_of(from));
}

}  // namespace graft::train
