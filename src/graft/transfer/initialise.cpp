#include "graft/transfer/initialise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string_view>
#include <variant>
#include <vector>

#include "graft/base/hash.h"
#include "graft/base/rng.h"
#include "graft/graph/bottleneck.h"
#include "graft/graph/walks.h"

namespace graft::transfer {
namespace {

/// Fans are PyTorch's: a weight of (out, in / groups, ...) has fan_in = in / groups * window and fan_out = out * window.
/// A truncated normal of torchvision is cut at -2 and 2, which is beyond 10 deviations in each of its uses: it is a normal.
enum class Law {
  constant,
  normal,            // deviation `size`
  fan_in_normal,     // sqrt(size / fan_in); 2: He et al. 2015
  fan_out_normal,    // sqrt(2 / fan_out)
  group_out_normal,  // the same, fan_out of one group (TensorFlow's)
  fan_in_uniform,    // up to sqrt(size / fan_in); 6: He et al. 2015, 1: PyTorch's default of layers and their biases
  fan_sum_uniform,   // up to sqrt(6 / (fan_in + rows)) (Glorot & Bengio 2010)
  rows_uniform,      // up to 1 / sqrt(rows)
};

struct Draw {
  Law law = Law::constant;
  double size = 0;
};

constexpr Draw kZero{}, kOne{Law::constant, 1}, kDefault{Law::fan_in_uniform, 1}, kFanOut{Law::fan_out_normal};
constexpr Draw normal(double deviation) { return {Law::normal, deviation}; }

struct Layer {
  Draw weight, bias;
};

struct Rule {
  std::string_view family;  // what the graph's name begins with
  Layer conv, linear;
  Layer last = linear;                                  // the network's last layer
  Layer attention_in = linear, attention_out = linear;  // before and behind Attention
  Draw class_token = normal(1e-6), layer_scale = {Law::constant, 1e-6};
};

constexpr std::array kRules{
    Rule{"alexnet", {kDefault, kDefault}, {kDefault, kDefault}},
    Rule{"convnext", {normal(0.02), kZero}, {normal(0.02), kZero}},
    Rule{"cyclegan", {normal(0.02), kZero}, {normal(0.02), kZero}},
    Rule{"deit", {kDefault, kDefault}, {normal(0.02), kZero}},
    Rule{.family = "dinov2", .conv = {kDefault, kDefault}, .linear = {normal(0.02), kZero}, .layer_scale = {Law::constant, 1e-5}},
    Rule{"densenet", {{Law::fan_in_normal, 2}, kZero}, {kDefault, kZero}},
    Rule{"efficientnet_lite", {{Law::group_out_normal}, kZero}, {{Law::rows_uniform}, kZero}},
    Rule{"efficientnet", {kFanOut, kZero}, {{Law::rows_uniform}, kZero}},
    Rule{"googlenet", {normal(0.01), kDefault}, {normal(0.01), kDefault}},
    Rule{"inception", {normal(0.1), kDefault}, {normal(0.1), kDefault}},
    Rule{"mae", {kDefault, kZero}, {{Law::fan_sum_uniform}, kZero}},
    Rule{"mobilenet", {kFanOut, kZero}, {normal(0.01), kZero}},
    Rule{"regnet", {kFanOut, kDefault}, {normal(0.01), kZero}},
    Rule{"shufflenet", {kDefault, kDefault}, {kDefault, kDefault}},
    Rule{"squeezenet", {{Law::fan_in_uniform, 6}, kZero}, {normal(0.01), kZero}},
    Rule{"vgg", {kFanOut, kZero}, {normal(0.01), kZero}},
    Rule{.family = "vit",
         .conv = {{Law::fan_in_normal, 1}, kZero},
         .linear = {{Law::fan_sum_uniform}, normal(1e-6)},
         .last = {kZero, kZero},
         .attention_in = {{Law::fan_sum_uniform}, kZero},
         .attention_out = {kDefault, kZero},
         .class_token = kZero},
    Rule{"", {kFanOut, kZero}, {kDefault, kDefault}},  // ResNet, ResNeXt, Wide ResNet; what has no family
};

const Rule& rule_of(std::string_view name) {
  return *std::ranges::find_if(kRules, [&](const Rule& rule) { return name.starts_with(rule.family); });
}

struct Fans {
  double in = 1, out = 1, rows = 1, groups = 1;
};
Fans fans_of(const graph::Dims& weight, int64_t groups) {
  const auto rows = static_cast<double>(weight[0]), in = static_cast<double>(graph::element_count(weight)) / rows;
  return {in, rows * in / static_cast<double>(weight[1]), rows, static_cast<double>(groups)};
}

/// The deviation of a normal, the bound of a uniform, or the value.
double size_of(const Draw& draw, const Fans& fans) {
  switch (draw.law) {
    case Law::constant:
    case Law::normal: return draw.size;
    case Law::fan_in_normal:
    case Law::fan_in_uniform: return std::sqrt(draw.size / fans.in);
    case Law::fan_out_normal: return std::sqrt(2 / fans.out);
    case Law::group_out_normal: return std::sqrt(2 / (fans.out / fans.groups));
    case Law::fan_sum_uniform: return std::sqrt(6 / (fans.in + fans.out));
    case Law::rows_uniform: return 1 / std::sqrt(fans.rows);
  }
  return 0;
}

bool is_uniform(Law law) { return law == Law::fan_in_uniform || law == Law::fan_sum_uniform || law == Law::rows_uniform; }

void fill(std::vector<float>& values, const Draw& draw, double size, Rng rng) {
  if (draw.law == Law::constant || size == 0) {
    std::ranges::fill(values, static_cast<float>(size));
    return;
  }
  if (is_uniform(draw.law)) {
    for (float& v : values) v = static_cast<float>((2 * rng.uniform() - 1) * size);
    return;
  }
  for (std::size_t i = 0; i < values.size(); i += 2) {  // Box & Muller 1958: two at a time
    const double radius = size * std::sqrt(-2 * std::log(1 - rng.uniform())), angle = 2 * std::numbers::pi * rng.uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < values.size()) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
}

/// One walk over the nodes: an overload for every operator.
class Initialiser {
 public:
  Initialiser(graph::Graph& graph, uint64_t seed, const Rule& rule) : graph_(graph), seed_(seed), rule_(rule) {}

  /// From this stage on.
  void run(int stage) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (!graph_.nodes[i].parameters.empty()) last_ = i;
    for (at_ = 0; at_ < graph_.nodes.size(); ++at_)
      if (graph_.nodes[at_].stage >= stage) std::visit(*this, graph_.nodes[at_].op);
  }

  void operator()(const graph::Conv2d& c) { layer(at_ == last_ ? rule_.last : rule_.conv, c.groups); }
  void operator()(const graph::ConvTranspose2d&) { layer(rule_.conv, 1); }
  void operator()(const graph::Linear&) { layer(linear_rule(), 1); }
  void operator()(const graph::BatchNorm&) { put({kOne, kZero, kZero, kOne}); }
  void operator()(const graph::LayerNorm&) { put({kOne, kZero}); }
  void operator()(const graph::Scale&) { put({rule_.layer_scale}); }
  void operator()(const graph::ClassToken&) { put({rule_.class_token}); }
  void operator()(const graph::PositionEmbedding&) { put({normal(0.02)}); }
  // Those without parameters.
  void operator()(const graph::Input&) {}
  void operator()(const graph::InstanceNorm&) {}
  void operator()(const graph::Activation&) {}
  void operator()(const graph::MaxPool&) {}
  void operator()(const graph::AveragePool&) {}
  void operator()(const graph::AdaptiveAveragePool&) {}
  void operator()(const graph::ReflectionPad&) {}
  void operator()(const graph::GlobalAveragePool&) {}
  void operator()(const graph::Flatten&) {}
  void operator()(const graph::Dropout&) {}
  void operator()(const graph::Add&) {}
  void operator()(const graph::Multiply&) {}
  void operator()(const graph::Concat&) {}
  void operator()(const graph::ChannelSlice&) {}
  void operator()(const graph::ChannelShuffle&) {}
  void operator()(const graph::Tokens&) {}
  void operator()(const graph::Picture&) {}
  void operator()(const graph::Attention&) {}
  void operator()(const graph::FirstToken&) {}
  void operator()(const graph::MirrorViews&) {}
  void operator()(const graph::MeanOfViews&) {}
  void operator()(const graph::Foreign&) {}

 private:
  bool is_attention(std::size_t node) const { return std::holds_alternative<graph::Attention>(graph_.nodes[node].op); }

  const Layer& linear_rule() const {
    if (at_ == last_) return rule_.last;
    if (is_attention(static_cast<std::size_t>(graph_.nodes[at_].inputs[0]))) return rule_.attention_out;
    return at_ + 1 < graph_.nodes.size() && is_attention(at_ + 1) ? rule_.attention_in : rule_.linear;
  }

  void layer(const Layer& rule, int64_t groups) {
    const Fans fans = fans_of(graph_.parameters[static_cast<std::size_t>(graph_.nodes[at_].parameters[0])].shape, groups);
    put({rule.weight, rule.bias}, fans);
  }

  void put(std::initializer_list<Draw> draws, const Fans& fans = {}) {
    for (std::size_t i = 0; i < graph_.nodes[at_].parameters.size(); ++i) {
      graph::Parameter& p = graph_.parameters[static_cast<std::size_t>(graph_.nodes[at_].parameters[i])];
      const Draw& draw = draws.begin()[i];
      const auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(graph::element_count(p.shape)));
      fill(*values, draw, size_of(draw, fans), Rng(seed_, hash128(as_bytes(p.name)).low));
      p.tensor = {values, *values};
    }
  }

  graph::Graph& graph_;
  uint64_t seed_;
  const Rule& rule_;
  std::size_t at_ = 0, last_ = 0;
};

}  // namespace

void initialise(graph::Graph& graph, uint64_t seed) { Initialiser(graph, seed, rule_of(graph.name)).run(0); }

void initialise_head(graph::Graph& graph, uint64_t seed) {
  const int head = static_cast<int>(graph.stages.size()) - 1, first = graph::first_new_stage(graph);
  const bool has_values = std::ranges::any_of(graph.parameters, [&](const graph::Parameter& p) { return p.stage == first && !p.tensor.empty(); });
  Initialiser(graph, seed, kRules.back()).run(has_values ? head : first);
}

}  // namespace graft::transfer
