// Ma et al. 2018, "ShuffleNet V2: practical guidelines for efficient CNN architecture design". Names and shapes are torchvision's shufflenetv2.py.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

struct Stage {
  const char* name;
  int64_t out;
  int repeats;
};
constexpr Stage kStages[] = {{"stage2", 116, 4}, {"stage3", 232, 8}, {"stage4", 464, 4}};

Value depthwise(Builder& b, int layer, Value x, int64_t stride) {
  x = b.conv(std::to_string(layer), x, {.out = x.channels(), .kernel = 3, .stride = stride, .groups = x.channels()});
  return b.batch_norm(std::to_string(layer + 1), x);
}

Value pointwise(Builder& b, int layer, Value x, int64_t out) {
  return relu(b.batch_norm(std::to_string(layer + 1), b.conv(std::to_string(layer), x, {.out = out, .kernel = 1})));
}

/// Half of the channels pass through; where the picture shrinks, both branches see all of them.
Value block(const Builder& b, Value x, int64_t out, int64_t stride) {
  const int64_t half = out / 2;
  Builder one = b.in("branch1"), two = b.in("branch2");
  const bool shrinks = stride > 1;
  const Value left = shrinks ? pointwise(one, 2, depthwise(one, 0, x, stride), half) : apply(ChannelSlice{0, half}, {x});
  Value right = shrinks ? x : apply(ChannelSlice{half, half}, {x});
  right = pointwise(two, 5, depthwise(two, 3, pointwise(two, 0, right, half), stride), half);
  return apply(ChannelShuffle{2}, {apply(Concat{}, {left, right})});
}

Graph build(int64_t classes, Size size) {
  Graph graph{.name = "shufflenet_v2_x1_0"};
  Builder b(graph);
  b.stage("stem");
  Builder stem = b.in("conv1"), last = b.in("conv5");
  Value x = relu(stem.batch_norm("1", stem.conv("0", b.input({3, size.height, size.width}), {.out = 24, .kernel = 3, .stride = 2})));
  x = apply(MaxPool{.kernel = 3, .stride = 2, .padding = 1}, {x});
  for (const Stage& s : kStages) {
    b.stage(s.name);
    for (int i = 0; i < s.repeats; ++i) x = block(b.in(s.name).in(std::to_string(i)), x, s.out, i == 0 ? 2 : 1);
  }
  b.stage("conv5");
  x = apply(GlobalAveragePool{}, {pointwise(last, 0, x, 1024)});
  b.stage("head");
  b.linear("fc", x, {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> shufflenet_v2() {
  return {
      {"shufflenet_v2_x1_0", "shufflenet", "Ma et al. 2018", build, {torchvision_source("IMAGENET1K_V1", "shufflenetv2_x1-5666bf0f80.pth", 69.362)}}};
}

}  // namespace graft::models
