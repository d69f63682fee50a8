// Simonyan & Zisserman 2014, "Very deep convolutional networks for large-scale image recognition". Names and shapes are torchvision's vgg.py.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"
#include "graft/models/timm_names.h"

namespace graft::models {
namespace {

using namespace graph;

struct Variant {
  const char* name;
  int convs[5];  // in each block
  bool batch_norm;
  const char* file;
  double top1, timm_top1;  // of the same weights, measured by torchvision and by timm
};
constexpr Variant kVariants[] = {
    {"vgg11", {1, 1, 2, 2, 2}, false, "vgg11-8a719046.pth", 69.020, 69.050},
    {"vgg11_bn", {1, 1, 2, 2, 2}, true, "vgg11_bn-6002323d.pth", 70.370, 70.374},
    {"vgg13", {2, 2, 2, 2, 2}, false, "vgg13-19584684.pth", 69.928, 69.950},
    {"vgg13_bn", {2, 2, 2, 2, 2}, true, "vgg13_bn-abd245e5.pth", 71.586, 71.560},
    {"vgg16", {2, 2, 3, 3, 3}, false, "vgg16-397923af.pth", 71.592, 71.594},
    {"vgg16_bn", {2, 2, 3, 3, 3}, true, "vgg16_bn-6c64b313.pth", 73.360, 73.354},
    {"vgg19", {2, 2, 4, 4, 4}, false, "vgg19-dcbb9e9d.pth", 72.376, 72.400},
    {"vgg19_bn", {2, 2, 4, 4, 4}, true, "vgg19_bn-c79401a0.pth", 74.218, 74.230},
};
constexpr int64_t kWidths[] = {64, 128, 256, 512, 512};

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  Builder features = b.in("features"), classifier = b.in("classifier");
  Value x{};
  for (int block = 0, layer = 0; block < 5; ++block) {
    b.stage("block" + std::to_string(block + 1));
    if (block == 0) x = b.input({3, size.height, size.width});
    for (int i = 0; i < net.convs[block]; ++i) {
      x = features.conv(std::to_string(layer++), x, {.out = kWidths[block], .kernel = 3, .bias = true});
      if (net.batch_norm) x = features.batch_norm(std::to_string(layer++), x);
      x = relu(x);
      ++layer;  // the ReLU has a number, too
    }
    x = apply(MaxPool{.kernel = 2, .stride = 2}, {x});
    ++layer;
  }
  b.stage("classifier");
  x = adaptive_average_pool(x, 7);
  x = apply(Dropout{0.5}, {relu(classifier.linear("0", apply(Flatten{}, {x}), {.out = 4096}))});
  x = apply(Dropout{0.5}, {relu(classifier.linear("3", x, {.out = 4096}))});
  b.stage("head");
  classifier.linear("6", x, {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> vgg() {
  std::vector<Backbone> rows;
  for (const Variant& net : kVariants)
    rows.push_back({net.name,
                    "vgg",
                    "Simonyan & Zisserman 2014",
                    [net](int64_t classes, Size size) { return build(net, classes, size); },
                    {torchvision_source("IMAGENET1K_V1", net.file, net.top1), timm_source(net.name, "tv_in1k", net.timm_top1, {}, vgg_from_timm)}});
  return rows;
}

}  // namespace graft::models
