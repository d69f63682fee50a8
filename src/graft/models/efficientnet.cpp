// Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks". Names and shapes are torchvision's efficientnet.py.
// tf_efficientnet_b0 has Google's own weights (timm's ports): the same shapes, but TensorFlow's SAME padding and BatchNorm eps 1e-3, so another network.
#include <cmath>

#include "graft/models/blocks.h"
#include "graft/models/registry.h"
#include "graft/models/timm_names.h"

namespace graft::models {
namespace {

using namespace graph;
// clang-format off
struct Stage { int expand, kernel, stride, out, repeats; };
constexpr Stage kStages[] = {{1, 3, 1, 16, 1},  {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                             {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};

struct Variant {
  const char* name;
  double width, depth, dropout;
  std::vector<Source> sources;
  bool tensorflow = false;
  BatchNorm norm() const { return {tensorflow ? 1e-3 : 1e-5}; }
};
std::vector<Variant> variants() {
  const auto v1 = [](const char* file, double top1, int resize, int crop) {
    return torchvision_source("IMAGENET1K_V1", file, top1, {.resize = resize, .crop = crop, .filter = image::Filter::bicubic});
  };
  const auto timm = [](const char* model, const char* tag, double top1, int resize, int crop, const data::Preprocess& norm = {}) {
    const data::Preprocess preprocess{.resize = resize, .crop = crop, .filter = image::Filter::bicubic, .mean = norm.mean, .std = norm.std};
    return timm_source(model, tag, top1, preprocess, efficientnet_from_timm);
  };
  const data::Preprocess half{.mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};
  const auto tf = [&](const char* name, double width, double depth, double dropout, int resize, int crop) {
    const auto of = [&](const char* tag, const data::Preprocess& norm = {}) { return timm(name, tag, 0, resize, crop, norm); };
    return Variant{name, width, depth, dropout, {of("ns_jft_in1k"), of("aa_in1k"), of("ap_in1k", half), of("in1k")}, true};
  };
  return {{"efficientnet_b0", 1.0, 1.0, 0.2,
           {v1("efficientnet_b0_rwightman-7f5810bc.pth", 77.692, 256, 224), timm("efficientnet_b0", "ra_in1k", 77.698, 256, 224),
            timm("efficientnet_b0", "ra4_e3600_r224_in1k", 78.568, 248, 224, half)}},
          {"efficientnet_b1", 1.0, 1.1, 0.2,
           {v1("efficientnet_b1_rwightman-bac287d4.pth", 78.642, 256, 240),
            torchvision_source("IMAGENET1K_V2", "efficientnet_b1-c27df63c.pth", 79.838, {.resize = 255, .crop = 240}),
            timm("efficientnet_b1", "ft_in1k", 77.592, 256, 224), timm("efficientnet_b1", "ra4_e3600_r240_in1k", 80.404, 266, 240, half)}},
          {"efficientnet_b2", 1.1, 1.2, 0.3,
           {v1("efficientnet_b2_rwightman-c35c1473.pth", 80.608, 288, 288), timm("efficientnet_b2", "ra_in1k", 79.324, 292, 256)}},
          {"efficientnet_b3", 1.2, 1.4, 0.3,
           {v1("efficientnet_b3_rwightman-b3899882.pth", 82.008, 320, 300), timm("efficientnet_b3", "ra2_in1k", 81.472, 329, 288)}},
          {"efficientnet_b4", 1.4, 1.8, 0.4,
           {v1("efficientnet_b4_rwightman-23ab8bcd.pth", 83.384, 384, 380), timm("efficientnet_b4", "ra2_in1k", 82.658, 365, 320)}},
          tf("tf_efficientnet_b0", 1.0, 1.0, 0.2, 256, 224)};
}
// clang-format on

Value block(const Builder& b, Value x, const Stage& s, int64_t out, int64_t stride, const Variant& net) {
  const int64_t in = x.channels(), inner = in * s.expand;
  int layer = 0;
  const auto next = [&] { return b.in(std::to_string(layer++)); };
  Value y = s.expand > 1 ? activate(Function::silu, conv_norm(next(), x, {.out = inner, .kernel = 1}, net.norm())) : x;
  const Conv2d depthwise{.out = inner, .kernel = s.kernel, .stride = stride, .groups = inner, .same = net.tensorflow};
  y = activate(Function::silu, conv_norm(next(), y, depthwise, net.norm()));
  y = squeeze_excite(next(), y, std::max<int64_t>(1, in / 4), Function::silu, Function::sigmoid);
  y = conv_norm(next(), y, {.out = out, .kernel = 1}, net.norm());
  return stride == 1 && in == out ? x + y : y;
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  const Builder features = b.in("features");
  b.stage("stem");
  const auto wide = [&](int out) { return multiple_of_8(out * net.width); };
  const Conv2d stem{.out = wide(32), .kernel = 3, .stride = 2, .same = net.tensorflow};
  Value x = activate(Function::silu, conv_norm(features.in("0"), b.input({3, size.height, size.width}), stem, net.norm()));
  for (int number = 1; const Stage& s : kStages) {
    const std::string name = std::to_string(number++);
    b.stage("features." + name);
    const int repeats = static_cast<int>(std::ceil(s.repeats * net.depth));
    for (int i = 0; i < repeats; ++i) x = block(features.in(name).in(std::to_string(i)).in("block"), x, s, wide(s.out), i == 0 ? s.stride : 1, net);
  }
  b.stage("features.8");
  x = activate(Function::silu, conv_norm(features.in("8"), x, {.out = 4 * x.channels(), .kernel = 1}, net.norm()));
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.in("classifier").linear("1", apply(Dropout{net.dropout}, {x}), {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> efficientnet() {
  std::vector<Backbone> rows;
  for (const Variant& net : variants())
    rows.push_back({net.name, "efficientnet", "Tan & Le 2019", [net](int64_t classes, Size size) { return build(net, classes, size); }, net.sources});
  return rows;
}

}  // namespace graft::models
