// Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks". Names and shapes are torchvision's mobilenetv2.py.
#include "graft/graph/builder.h"
#include "graft/models/blocks.h"
#include "graft/models/registry.h"
#include "graft/models/timm_names.h"

namespace graft::models {
namespace {

using namespace graph;

struct Stage {
  int expand, out, repeats, stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

Value inverted_residual(const Builder& block, Value x, const Stage& s, int64_t stride) {
  Builder conv = block.in("conv");
  const int64_t in = x.channels(), inner = in * s.expand;
  int layer = 0;
  Value y = s.expand > 1 ? relu6(conv_norm(conv.in(std::to_string(layer++)), x, {.out = inner, .kernel = 1})) : x;
  y = relu6(conv_norm(conv.in(std::to_string(layer++)), y, {.out = inner, .kernel = 3, .stride = stride, .groups = inner}));
  y = conv.conv(std::to_string(layer), y, {.out = s.out, .kernel = 1});
  y = conv.batch_norm(std::to_string(layer + 1), y);
  return stride == 1 && in == s.out ? x + y : y;
}

Graph build(int64_t classes, Size size) {
  Graph graph{.name = "mobilenet_v2"};
  Builder b(graph);
  const Builder features = b.in("features");
  b.stage("stem");
  Value x = relu6(conv_norm(features.in("0"), b.input({3, size.height, size.width}), {.out = 32, .kernel = 3, .stride = 2}));
  int layer = 1, number = 1;
  for (const Stage& stage : kStages) {
    b.stage("stage" + std::to_string(number++));
    for (int i = 0; i < stage.repeats; ++i) x = inverted_residual(features.in(std::to_string(layer++)), x, stage, i == 0 ? stage.stride : 1);
  }
  b.stage("conv_head");
  x = apply(GlobalAveragePool{}, {relu6(conv_norm(features.in(std::to_string(layer)), x, {.out = 1280, .kernel = 1}))});
  b.stage("head");
  b.in("classifier").linear("1", apply(Dropout{0.2}, {x}), {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> mobilenet_v2() {
  return {{"mobilenet_v2",
           "mobilenet",
           "Sandler et al. 2018",
           build,
           {torchvision_source("IMAGENET1K_V1", "mobilenet_v2-b0353104.pth", 71.878),
            torchvision_source("IMAGENET1K_V2", "mobilenet_v2-7ebf99e0.pth", 72.154, {.resize = 232}),
            timm_source("mobilenetv2_100", "ra_in1k", 72.910, {.filter = image::Filter::bicubic}, mobilenet_v2_from_timm)}}};
}

}  // namespace graft::models
