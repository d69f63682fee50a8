// Small networks for the proof of the gradients: of every operator some, alone and among batch norms, which are computed along with their neighbours.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graft/graph/builder.h"
#include "models/rule.h"

namespace graft::train {

struct OperatorCase {
  std::string name;
  graph::Graph graph;
};

/// One overload for each operator and no default: a new one has its cases, or this does not compile.
class CasesOf {
 public:
  using Value = graph::Value;
  using Builder = graph::Builder;
  using Make = std::function<Value(Builder&, Value)>;
  using Cases = std::vector<OperatorCase>;

  Cases operator()(const graph::Input&) const {
    return picture("input", [](Builder&, Value x) { return x; });
  }

  Cases operator()(const graph::Conv2d&) const {
    Cases all;
    const auto conv = [&](const std::string& name, const graph::Conv2d& c) {
      add(all, picture(name, [c](Builder& b, Value x) { return b.conv("op", x, c); }));
    };
    conv("depthwise_3", {.out = 4, .kernel = 3, .groups = 4});
    conv("depthwise_3_by_2", {.out = 4, .kernel = 3, .stride = 2, .groups = 4});
    conv("depthwise_5_by_2_same", {.out = 4, .kernel = 5, .stride = 2, .groups = 4, .same = true});
    conv("depthwise_7", {.out = 4, .kernel = 7, .groups = 4});
    conv("depthwise_2_by_2_without_padding", {.out = 4, .kernel = 2, .stride = 2, .groups = 4, .padding = 0});
    conv("depthwise_bias", {.out = 4, .kernel = 3, .groups = 4, .bias = true});
    conv("point", {.out = 6, .kernel = 1});
    conv("point_bias", {.out = 4, .kernel = 1, .bias = true});
    conv("point_by_2", {.out = 6, .kernel = 1, .stride = 2, .bias = true});
    conv("full_3", {.out = 4, .kernel = 3, .bias = true});
    conv("full_3_by_2_same", {.out = 6, .kernel = 3, .stride = 2, .same = true});
    conv("full_1x5", {.out = 6, .kernel = 1, .width = 5});
    conv("groups_2", {.out = 6, .kernel = 3, .groups = 2});
    return all;
  }

  Cases operator()(const graph::ConvTranspose2d&) const {
    Cases all;
    const auto conv = [&](const std::string& name, const graph::ConvTranspose2d& c) {
      add(all, picture(name, [c](Builder& b, Value x) { return b.conv_transpose("op", x, c); }));
    };
    conv("transposed_3_by_2", {.out = 6, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1});
    conv("transposed_bias", {.out = 4, .kernel = 3, .padding = 1, .bias = true});
    conv("transposed_4_by_2", {.out = 3, .kernel = 4, .stride = 2, .padding = 1, .bias = true});
    return all;
  }

  /// With each activation and each kind of reader: through the norm, of its output, both, and the caller.
  Cases operator()(const graph::BatchNorm&) const {
    Cases all;
    add(all, picture("batch_norm", [](Builder& b, Value x) { return b.batch_norm("op", x); }));
    add(all,
        picture("batch_norm_of_numbers", [](Builder& b, Value x) { return relu(b.batch_norm("op", b.linear("way", averaged(x), {.out = 5}))); }));
    add(all, picture("batch_norm_behind_pool", [](Builder& b, Value x) { return b.batch_norm("op", apply(graph::MaxPool{2, 1}, {x})); }));
    for (std::size_t f = 0; f < std::size(kFunctions); ++f) {
      const graph::Function function = kFunctions[f];
      const std::string name = std::string("batch_norm_") + kNames[f];
      const auto norm = [function](Builder& b, Value x) { return activate(function, b.batch_norm("op", x)); };
      add(all, picture(name, norm));
      add(all,
          picture(name + "_then_depthwise", [=](Builder& b, Value x) { return b.conv("next", norm(b, x), {.out = 4, .kernel = 3, .groups = 4}); }));
      add(all, picture(name + "_then_point", [=](Builder& b, Value x) { return b.conv("next", norm(b, x), {.out = 6, .kernel = 1}); }));
      add(all, picture(name + "_then_full", [=](Builder& b, Value x) { return b.conv("next", norm(b, x), {.out = 6, .kernel = 3}); }));
      add(all, picture(name + "_then_two", [=](Builder& b, Value x) {
            const Value y = norm(b, x);
            return b.conv("next0", y, {.out = 4, .kernel = 3, .groups = 4}) + b.conv("next1", y, {.out = 4, .kernel = 1});
          }));
    }
    return all;
  }

  Cases operator()(const graph::Activation&) const {
    Cases all;
    for (std::size_t f = 0; f < std::size(kFunctions); ++f)
      add(all, picture(kNames[f], [f](Builder&, Value x) { return activate(kFunctions[f], x); }));
    return all;
  }

  /// Of values and of batch norms, and with each activation behind it.
  Cases operator()(const graph::Add&) const {
    Cases all;
    for (std::size_t f = 0; f < std::size(kFunctions); ++f) {
      add(all, picture(std::string("add_") + kNames[f],
                       [f](Builder& b, Value x) { return activate(kFunctions[f], x + b.conv("way", x, {.out = 4, .kernel = 1})); }));
      add(all, picture(std::string("add_norms_") + kNames[f], [f](Builder& b, Value x) {
            const Value way = b.batch_norm("bn", b.conv("way", x, {.out = 4, .kernel = 3}));
            return activate(kFunctions[f], way + relu(b.batch_norm("bn1", b.conv("way1", x, {.out = 4, .kernel = 1}))));
          }));
    }
    add(all, picture("add_twice", [](Builder&, Value x) { return x + x; }));
    add(all, tokens("add_tokens", [](Builder&, Value x) { return x + x; }));
    return all;
  }

  Cases operator()(const graph::MaxPool&) const { return without("max_pool", graph::MaxPool{3, 2, 1}); }
  Cases operator()(const graph::AveragePool&) const { return without("average_pool", graph::AveragePool{3, 2, 1}); }
  Cases operator()(const graph::AdaptiveAveragePool&) const { return without("adaptive_average_pool", graph::AdaptiveAveragePool{2}); }
  Cases operator()(const graph::ReflectionPad&) const { return without("reflection_pad", graph::ReflectionPad{2}); }
  Cases operator()(const graph::GlobalAveragePool&) const {
    Cases all = without("global_average_pool", graph::GlobalAveragePool{});
    add(all, without("global_average_pool_keep", graph::GlobalAveragePool{true}));
    add(all, tokens("global_average_pool_tokens", [](Builder&, Value x) { return apply(graph::GlobalAveragePool{}, {x}); }));
    return all;
  }
  Cases operator()(const graph::Flatten&) const {
    Cases all = without("flatten", graph::Flatten{});
    add(all, tokens("flatten_tokens", [](Builder&, Value x) { return apply(graph::Flatten{}, {x}); }));
    return all;
  }
  Cases operator()(const graph::Dropout&) const {
    Cases all = without("dropout", graph::Dropout{0.4});
    add(all, without("dropout_whole", graph::Dropout{0.4, true}));
    return all;
  }
  Cases operator()(const graph::Multiply&) const {
    return picture("multiply", [](Builder& b, Value x) {
      const Value gate = b.conv("gate", apply(graph::GlobalAveragePool{true}, {x}), {.out = x.channels(), .kernel = 1, .bias = true});
      return apply(graph::Multiply{}, {x, activate(graph::Function::sigmoid, gate)});
    });
  }
  Cases operator()(const graph::Scale&) const {
    Cases all = picture("scale", [](Builder& b, Value x) { return b.with("layer_scale", x, graph::Scale{}); });
    return all;
  }
  Cases operator()(const graph::Concat&) const {
    return picture("concat", [](Builder& b, Value x) { return apply(graph::Concat{}, {x, b.conv("way", x, {.out = 3, .kernel = 1}), x}); });
  }
  Cases operator()(const graph::ChannelSlice&) const { return without("channel_slice", graph::ChannelSlice{1, 2}); }
  Cases operator()(const graph::ChannelShuffle&) const { return without("channel_shuffle", graph::ChannelShuffle{2}); }
  Cases operator()(const graph::MirrorViews&) const {
    return picture("mirror_views", [](Builder& b, Value x) {
      const Value y = b.conv("both", apply(graph::MirrorViews{}, {x}), {.out = 4, .kernel = 3});
      return apply(graph::MeanOfViews{}, {apply(graph::GlobalAveragePool{}, {y})});
    });
  }
  Cases operator()(const graph::MeanOfViews&) const { return (*this)(graph::MirrorViews{}); }

  Cases operator()(const graph::LayerNorm&) const {
    Cases all = picture("layer_norm_picture", [](Builder& b, Value x) { return b.layer_norm("norm", x); });
    add(all, tokens("layer_norm", [](Builder& b, Value x) { return b.layer_norm("norm", x); }));
    return all;
  }
  Cases operator()(const graph::InstanceNorm&) const { return without("instance_norm", graph::InstanceNorm{}); }
  Cases operator()(const graph::Linear&) const {
    Cases all = tokens("linear_tokens", [](Builder& b, Value x) { return b.linear("op", x, {.out = 5}); });
    add(all, picture("linear", [](Builder& b, Value x) { return b.linear("op", averaged(x), {.out = 5}); }));
    return all;
  }
  Cases operator()(const graph::Tokens&) const { return without("tokens", graph::Tokens{}); }
  Cases operator()(const graph::Picture&) const {
    return tokens("picture", [](Builder& b, Value x) { return b.conv("op", apply(graph::Picture{2}, {x}), {.out = 4, .kernel = 3}); });
  }
  Cases operator()(const graph::ClassToken&) const {
    return tokens("class_token", [](Builder& b, Value x) { return b.with("class_token", x, graph::ClassToken{}); });
  }
  Cases operator()(const graph::PositionEmbedding&) const {
    return tokens("position_embedding", [](Builder& b, Value x) { return b.with("pos_embedding", x, graph::PositionEmbedding{}); });
  }
  Cases operator()(const graph::Attention&) const {
    return tokens("attention", [](Builder& b, Value x) { return apply(graph::Attention{2}, {b.linear("qkv", x, {.out = 12})}); });
  }
  Cases operator()(const graph::FirstToken&) const {
    return tokens("first_token", [](Builder&, Value x) { return apply(graph::FirstToken{}, {x}); });
  }
  Cases operator()(const graph::Foreign&) const { return {}; }  // runs in the engine alone; Executor refuses it

 private:
  static constexpr graph::Function kFunctions[] = {graph::Function::relu,         graph::Function::relu6, graph::Function::sigmoid,
                                                   graph::Function::hard_sigmoid, graph::Function::silu,  graph::Function::hard_swish,
                                                   graph::Function::gelu,         graph::Function::tanh,  graph::Function::leaky_relu};
  static constexpr const char* kNames[] = {"relu", "relu6", "sigmoid", "hard_sigmoid", "silu", "hard_swish", "gelu", "tanh", "leaky_relu"};
  static_assert(std::size(kFunctions) == static_cast<std::size_t>(graph::Function::leaky_relu) + 1 && std::size(kNames) == std::size(kFunctions));

  static void add(Cases& all, Cases more) {
    for (OperatorCase& c : more) all.push_back(std::move(c));
  }

  static OperatorCase made(const std::string& name, graph::Dims input, const Make& make) {
    OperatorCase c{name, {.name = name}};
    Builder b(c.graph);
    b.stage("all");
    make(b, b.input(std::move(input)));
    rule::fill(c.graph);
    return c;
  }

  /// Behind a convolution, between batch norms, and with a second reader of what it reads.
  static Cases picture(const std::string& name, const Make& make) {
    const graph::Dims input{3, 6, 7};
    const auto before = [](Builder& b, Value x) { return b.conv("before", x, {.out = 4, .kernel = 1, .bias = true}); };
    return {made(name, input, [&](Builder& b, Value x) { return make(b, before(b, x)); }),
            made(name + "_between_norms", input,
                 [&](Builder& b, Value x) {
                   const Value y = make(b, activate(graph::Function::silu, b.batch_norm("bn_before", before(b, x))));
                   return y.dims().size() == 3 ? activate(graph::Function::hard_swish, b.batch_norm("bn_behind", y)) : y;
                 }),
            made(name + "_beside", input, [&](Builder& b, Value x) {
              const Value norm = b.batch_norm("bn_before", before(b, x)), y = make(b, norm);
              return y.dims() == norm.dims() ? relu(y + norm) : y;
            })};
  }
  static Cases without(const std::string& name, const graph::Operator& op) {
    return picture(name, [op](Builder&, Value x) { return apply(op, {x}); });
  }
  static Cases tokens(const std::string& name, const Make& make) {
    return {made(name, {6, 3}, [&](Builder& b, Value x) { return make(b, b.linear("before", x, {.out = 4})); })};
  }
};

}  // namespace graft::train
