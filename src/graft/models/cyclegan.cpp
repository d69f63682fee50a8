#include "graft/models/cyclegan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "graft/base/error.h"
#include "graft/graph/builder.h"

namespace graft::models {
namespace {

using graph::Builder;
using graph::Function;
using graph::Value;

constexpr int64_t kMostWidths = 8;  // a discriminator's channels double up to so many times the first ones

/// Layers are numbered as PyTorch's Sequential counts them, those without weights, too.
class Numbered {
 public:
  explicit Numbered(Builder b) : builder(b) {}
  std::string next(int layers = 1) {
    const int number = next_;
    next_ += layers;
    return std::to_string(number);
  }
  Builder builder;

 private:
  int next_ = 0;
};

Value norm_relu(Numbered& layers, Value x) {
  layers.next(2);
  return relu(instance_norm(x));
}

/// conv_block.0 to .6: pad, convolution, norm, ReLU, pad, convolution, norm.
Value residual_block(Builder b, Value x) {
  const int64_t channels = x.channels();
  const auto conv = [&](const char* name, Value y) {
    return instance_norm(b.conv(name, reflection_pad(y, 1), {.out = channels, .kernel = 3, .bias = true, .padding = 0}));
  };
  return x + conv("5", relu(conv("1", x)));
}

}  // namespace

graph::Graph cyclegan_generator(Size size, int64_t width, int64_t blocks) {
  if (size.height % 4 != 0 || size.width % 4 != 0)
    throw usage_error("translation", fmt::format("pictures of {} pixels, expected a multiple of 4", to_string(size)),
                      "choose another --translate-size");
  graph::Graph graph{.name = "cyclegan generator"};
  Builder b(graph);
  b.stage("generator");
  Numbered layers(b.in("model"));
  Value x = reflection_pad(b.input({3, size.height, size.width}), 3);
  layers.next();
  x = norm_relu(layers, layers.builder.conv(layers.next(), x, {.out = width, .kernel = 7, .bias = true, .padding = 0}));
  for (const int64_t times : {2, 4})
    x = norm_relu(layers, layers.builder.conv(layers.next(), x, {.out = times * width, .kernel = 3, .stride = 2, .bias = true, .padding = 1}));
  for (int64_t block = 0; block < blocks; ++block) x = residual_block(layers.builder.in(layers.next()).in("conv_block"), x);
  for (const int64_t times : {2, 1}) {
    const graph::ConvTranspose2d up{.out = times * width, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1, .bias = true};
    x = norm_relu(layers, layers.builder.conv_transpose(layers.next(), x, up));
  }
  layers.next();
  x = layers.builder.conv(layers.next(), reflection_pad(x, 3), {.out = 3, .kernel = 7, .bias = true, .padding = 0});
  graph.outputs = {{graph::kTranslated, activate(Function::tanh, x).node}};
  return graph;
}

graph::Graph cyclegan_discriminator(Size size, int64_t width, int64_t halvings) {
  graph::Graph graph{.name = "cyclegan discriminator"};
  Builder b(graph);
  b.stage("discriminator");
  Numbered layers(b.in("model"));
  const auto conv = [&](Value x, int64_t out, int64_t stride) {
    return layers.builder.conv(layers.next(), x, {.out = out, .kernel = 4, .stride = stride, .bias = true, .padding = 1});
  };
  const auto leaky = [&](Value x) {
    layers.next();
    return activate(Function::leaky_relu, x);
  };
  Value x = leaky(conv(b.input({3, size.height, size.width}), width, 2));
  for (int64_t n = 1; n <= halvings; ++n) {
    x = conv(x, width * std::min(int64_t{1} << n, kMostWidths), n < halvings ? 2 : 1);
    layers.next();
    x = leaky(instance_norm(x));
  }
  conv(x, 1, 1);
  return graph;
}

}  // namespace graft::models
