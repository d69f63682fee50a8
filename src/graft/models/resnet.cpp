// He et al. 2015, "Deep Residual Learning for Image Recognition". Names and shapes are torchvision's resnet.py (the stride is in the 3x3).
#include "graft/graph/builder.h"
#include "graft/models/registry.h"
#include "graft/models/transformers_names.h"

namespace graft::models {
namespace {

using namespace graph;

struct Variant {
  const char* name;
  int blocks[4];
  bool bottleneck;
  std::vector<Source> sources;
  int groups = 1, width_per_group = 64;
};

constexpr data::Preprocess kV2{.resize = 232}, kTimm{.resize = 235, .filter = image::Filter::bicubic};

// clang-format off
std::vector<Variant> variants() {
  const auto v1 = [](const char* file, double top1) { return torchvision_source("IMAGENET1K_V1", file, top1); };
  const auto v2 = [](const char* file, double top1) { return torchvision_source("IMAGENET1K_V2", file, top1, kV2); };
  const auto a1 = [](const char* model, double top1) { return timm_source(model, "a1_in1k", top1, kTimm); };  // Wightman et al. 2021
  return {
      {"resnet18", {2, 2, 2, 2}, false, {v1("resnet18-f37072fd.pth", 69.758), a1("resnet18", 71.504)}},
      {"resnet34", {3, 4, 6, 3}, false, {v1("resnet34-b627a593.pth", 73.314), a1("resnet34", 76.420)}},
      {"resnet50", {3, 4, 6, 3}, true, {v1("resnet50-0676ba61.pth", 76.130), v2("resnet50-11ad3fa6.pth", 80.858), a1("resnet50", 80.382)}},
      {"resnet101", {3, 4, 23, 3}, true, {v1("resnet101-63fe2227.pth", 77.374), v2("resnet101-cd907fc2.pth", 81.886), a1("resnet101", 81.494)}},
      {"resnet152", {3, 8, 36, 3}, true, {v1("resnet152-394f9c45.pth", 78.312), v2("resnet152-f82ba261.pth", 82.284), a1("resnet152", 81.998)}},
      // Xie et al. 2017, "Aggregated residual transformations"; Zagoruyko & Komodakis 2016, "Wide residual networks"
      {"resnext50_32x4d", {3, 4, 6, 3}, true,
       {v1("resnext50_32x4d-7cdf4587.pth", 77.618), v2("resnext50_32x4d-1a0047aa.pth", 81.198), a1("resnext50_32x4d", 80.526)}, 32, 4},
      {"wide_resnet50_2", {3, 4, 6, 3}, true,
       {v1("wide_resnet50_2-95faca4d.pth", 78.468), v2("wide_resnet50_2-9ba9bcbe.pth", 81.602),
        timm_source("wide_resnet50_2", "racm_in1k", 81.466, {.resize = 256, .filter = image::Filter::bicubic})}, 1, 128},
  };
}
// clang-format on

Value shortcut(const Builder& block, Value x, int64_t out, int64_t stride) {
  if (stride == 1 && x.channels() == out) return x;
  Builder b = block.in("downsample");
  return b.batch_norm("1", b.conv("0", x, {.out = out, .kernel = 1, .stride = stride}));
}

Value basic(Builder b, Value x, int64_t width, int64_t stride) {
  Value y = relu(b.batch_norm("bn1", b.conv("conv1", x, {.out = width, .kernel = 3, .stride = stride})));
  y = b.batch_norm("bn2", b.conv("conv2", y, {.out = width, .kernel = 3}));
  return relu(y + shortcut(b, x, width, stride));
}

Value bottleneck(Builder b, Value x, int64_t width, int64_t stride, const Variant& net) {
  const int64_t inner = width * net.width_per_group / 64 * net.groups;
  Value y = relu(b.batch_norm("bn1", b.conv("conv1", x, {.out = inner, .kernel = 1})));
  y = relu(b.batch_norm("bn2", b.conv("conv2", y, {.out = inner, .kernel = 3, .stride = stride, .groups = net.groups})));
  y = b.batch_norm("bn3", b.conv("conv3", y, {.out = width * 4, .kernel = 1}));
  return relu(y + shortcut(b, x, width * 4, stride));
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  b.stage("stem");
  Value x = b.input({3, size.height, size.width});
  x = relu(b.batch_norm("bn1", b.conv("conv1", x, {.out = 64, .kernel = 7, .stride = 2})));
  x = apply(MaxPool{.kernel = 3, .stride = 2, .padding = 1}, {x});
  for (int s = 0; s < 4; ++s) {
    const std::string layer = "layer" + std::to_string(s + 1);
    b.stage(layer);
    for (int i = 0; i < net.blocks[s]; ++i) {
      const Builder block = b.in(layer).in(std::to_string(i));
      const int64_t width = int64_t{64} << s, stride = s > 0 && i == 0 ? 2 : 1;
      x = net.bottleneck ? bottleneck(block, x, width, stride, net) : basic(block, x, width, stride);
    }
  }
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("fc", x, {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> resnet() {
  std::vector<Backbone> rows;
  for (const Variant& net : variants())
    rows.push_back({net.name, "resnet", "He et al. 2015", [net](int64_t classes, Size size) { return build(net, classes, size); }, net.sources,
                    resnet_from_transformers});
  return rows;
}

}  // namespace graft::models
