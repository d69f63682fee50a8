// Liu et al. 2022, "A ConvNet for the 2020s". Names and shapes are torchvision's convnext.py.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"
#include "graft/models/transformers_names.h"

namespace graft::models {
namespace {

using namespace graph;

struct Variant {
  const char* name;
  int64_t width;
  int blocks[4];
  const char* file;
  double top1;
  int resize;
};
constexpr Variant kVariants[] = {
    {"convnext_tiny", 96, {3, 3, 9, 3}, "convnext_tiny-983f1562.pth", 82.520, 236},
    {"convnext_small", 96, {3, 3, 27, 3}, "convnext_small-0c510722.pth", 83.616, 230},
    {"convnext_base", 128, {3, 3, 27, 3}, "convnext_base-6075fbad.pth", 84.062, 232},
};

Value block(Builder b, Value x) {
  const int64_t width = x.channels();
  Builder layers = b.in("block");
  Value y = apply(Tokens{}, {layers.conv("0", x, {.out = width, .kernel = 7, .groups = width, .bias = true})});
  y = activate(Function::gelu, layers.linear("3", layers.layer_norm("2", y), {.out = 4 * width}));
  y = apply(Picture{.height = x.dims()[1]}, {layers.linear("5", y, {.out = width})});
  return x + b.with("layer_scale", y, Scale{});
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  const Builder features = b.in("features");
  const auto shrink = [](int64_t out, int64_t by) { return Conv2d{.out = out, .kernel = by, .stride = by, .bias = true, .padding = 0}; };
  b.stage("stem");
  Builder stem = features.in("0");
  Value x = stem.layer_norm("1", stem.conv("0", b.input({3, size.height, size.width}), shrink(net.width, 4)));
  for (int s = 0; s < 4; ++s) {
    b.stage("stage" + std::to_string(s + 1));
    Builder between = features.in(std::to_string(2 * s));
    if (s > 0) x = between.conv("1", between.layer_norm("0", x), shrink(2 * x.channels(), 2));
    for (int i = 0; i < net.blocks[s]; ++i) x = block(features.in(std::to_string(2 * s + 1)).in(std::to_string(i)), x);
  }
  x = b.in("classifier").layer_norm("0", apply(GlobalAveragePool{}, {x}));
  b.stage("head");
  b.in("classifier").linear("2", x, {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> convnext() {
  std::vector<Backbone> rows;
  for (const Variant& net : kVariants)
    rows.push_back({net.name,
                    "convnext",
                    "Liu et al. 2022",
                    [net](int64_t classes, Size size) { return build(net, classes, size); },
                    {torchvision_source("IMAGENET1K_V1", net.file, net.top1, {.resize = net.resize})},
                    convnext_from_transformers});
  return rows;
}

}  // namespace graft::models
