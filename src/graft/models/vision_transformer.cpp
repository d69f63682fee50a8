#include "graft/models/vision_transformer.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/graph/builder.h"

namespace graft::models {
namespace {

using namespace graph;

constexpr int64_t kHeadWidth = 64;
constexpr int kLayers = 12;

void check_side(const Transformer& net, int64_t side) {
  if (side > 0 && side % net.patch == 0) return;
  const int64_t above = (side / net.patch + 1) * net.patch, below = above - net.patch;
  throw usage_error(fmt::format("{} input size", net.name), fmt::format("{} is not a multiple of the patch of {}", side, net.patch),
                    below > 0 ? fmt::format("choose --size {} or {}", below, above) : fmt::format("choose --size {}", above));
}

}  // namespace

Value transformer_layer(Builder b, Value x, int64_t width, int64_t heads, const TransformerNames& names, bool layer_scale) {
  const auto scaled = [&](const char* name, Value y) { return layer_scale ? b.with(name, y, Scale{}) : y; };
  Value y = b.linear(names.qkv, b.layer_norm(names.norm1, x), {.out = 3 * width, .joint = names.qkv_joint});
  y = b.linear(names.projection, apply(Attention{heads}, {y}), {.out = width});
  x = x + scaled("ls1.gamma", y);
  y = activate(Function::gelu, b.linear(names.expand, b.layer_norm(names.norm2, x), {.out = 4 * width}));
  return x + scaled("ls2.gamma", b.linear(names.reduce, y, {.out = width}));
}

Graph build_transformer(const Transformer& net, const TransformerNames& names, int64_t classes, Size size) {
  for (const int side : {size.height, size.width}) check_side(net, side);
  Graph graph{.name = net.name};
  Builder b(graph);
  b.stage("stem");
  Value x = b.conv(names.patches, b.input({3, size.height, size.width}),
                   {.out = net.width, .kernel = net.patch, .stride = net.patch, .bias = true, .padding = 0});
  x = b.with(names.class_token, apply(Tokens{}, {x}), ClassToken{});
  x = b.with(names.positions, x, PositionEmbedding{});
  for (int i = 0; i < kLayers; ++i) {
    b.stage("layer" + std::to_string(i));
    x = transformer_layer(b.in(names.layer + std::to_string(i)), x, net.width, net.width / kHeadWidth, names, net.layer_scale);
  }
  b.stage("norm");
  x = apply(FirstToken{}, {b.layer_norm(names.norm, x)});
  b.stage("head");
  b.linear(names.head, x, {.out = classes});
  return graph;
}

}  // namespace graft::models
