// Huang et al. 2016, "Densely connected convolutional networks". Names and shapes are torchvision's densenet.py.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

struct Variant {
  const char* name;
  int64_t growth, stem;
  int blocks[4];
  const char* file;
  double top1;
  const char* timm_tag;
  double timm_top1;
};
constexpr Variant kVariants[] = {
    {"densenet121", 32, 64, {6, 12, 24, 16}, "densenet121-a639ec97.pth", 74.434, "ra_in1k", 75.574},
    {"densenet161", 48, 96, {6, 12, 36, 24}, "densenet161-8d451a50.pth", 77.138, "tv_in1k", 77.384},
    {"densenet169", 32, 64, {6, 12, 32, 32}, "densenet169-b2777c0a.pth", 75.600, "tv_in1k", 75.922},
    {"densenet201", 32, 64, {6, 12, 48, 32}, "densenet201-c1103571.pth", 76.896, "tv_in1k", 77.284},
};

Value dense_layer(Builder b, Value x, int64_t growth) {
  Value y = b.conv("conv1", relu(b.batch_norm("norm1", x)), {.out = 4 * growth, .kernel = 1});
  y = b.conv("conv2", relu(b.batch_norm("norm2", y)), {.out = growth, .kernel = 3});
  return apply(Concat{}, {x, y});
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  Builder features = b.in("features");
  b.stage("stem");
  Value x = features.conv("conv0", b.input({3, size.height, size.width}), {.out = net.stem, .kernel = 7, .stride = 2});
  x = apply(MaxPool{.kernel = 3, .stride = 2, .padding = 1}, {relu(features.batch_norm("norm0", x))});
  for (int block = 1; block <= 4; ++block) {
    const std::string number = std::to_string(block);
    b.stage("denseblock" + number);
    for (int i = 1; i <= net.blocks[block - 1]; ++i)
      x = dense_layer(features.in("denseblock" + number).in("denselayer" + std::to_string(i)), x, net.growth);
    if (block == 4) break;
    Builder transition = features.in("transition" + number);
    x = transition.conv("conv", relu(transition.batch_norm("norm", x)), {.out = x.channels() / 2, .kernel = 1});
    x = apply(AveragePool{.kernel = 2, .stride = 2}, {x});
  }
  x = apply(GlobalAveragePool{}, {relu(features.batch_norm("norm5", x))});
  b.stage("head");
  b.linear("classifier", x, {.out = classes});
  return graph;
}

/// The published files are older than torchvision's names: "denselayer1.norm.1.weight".
std::string from_published(std::string_view name) {
  std::string ours(name);
  for (const char* old : {".norm.1.", ".norm.2.", ".conv.1.", ".conv.2."})
    if (const std::size_t at = ours.find(old); at != std::string::npos) ours.erase(at + 5, 1);
  return ours;
}

}  // namespace

std::vector<Backbone> densenet() {
  std::vector<Backbone> rows;
  for (const Variant& net : kVariants)
    rows.push_back({net.name,
                    "densenet",
                    "Huang et al. 2016",
                    [net](int64_t classes, Size size) { return build(net, classes, size); },
                    {torchvision_source("IMAGENET1K_V1", net.file, net.top1, {}, from_published),
                     timm_source(net.name, net.timm_tag, net.timm_top1, {.filter = image::Filter::bicubic}, from_published)}});
  return rows;
}

}  // namespace graft::models
