#include "graft/models/few_shot.h"

#include <string>

#include "graft/graph/builder.h"

namespace graft::models {

using namespace graph;

Graph conv4(int64_t outputs, Size size, int64_t width) {
  Graph graph{.name = "conv4"};
  Builder b(graph);
  Value x{};
  for (int block = 1; block <= 4; ++block) {
    b.stage("block" + std::to_string(block));
    if (block == 1) x = b.input({3, size.height, size.width});
    Builder in = b.in("block" + std::to_string(block));
    x = in.conv("conv", x, {.out = width, .kernel = 3, .bias = true});
    x = apply(MaxPool{.kernel = 2, .stride = 2}, {relu(in.batch_norm("bn", x))});
  }
  x = apply(Flatten{}, {x});
  b.stage("head");
  b.linear("classifier", x, {.out = outputs});
  return graph;
}

Graph resnet12(int64_t outputs, Size size, int64_t width) {
  Graph graph{.name = "resnet12"};
  Builder b(graph);
  Value x{};
  const int64_t widths[] = {width, width * 5 / 2, width * 5, width * 10};
  for (int block = 1; block <= 4; ++block) {
    b.stage("layer" + std::to_string(block));
    if (block == 1) x = b.input({3, size.height, size.width});
    Builder in = b.in("layer" + std::to_string(block));
    const int64_t out = widths[block - 1];
    Value branch = x;
    for (int i = 1; i <= 3; ++i) {
      branch = in.batch_norm("bn" + std::to_string(i), in.conv("conv" + std::to_string(i), branch, {.out = out, .kernel = 3}));
      if (i < 3) branch = relu(branch);
    }
    const Value shortcut = in.in("downsample").batch_norm("1", in.in("downsample").conv("0", x, {.out = out, .kernel = 1}));
    x = apply(MaxPool{.kernel = 2, .stride = 2}, {relu(branch + shortcut)});
  }
  b.stage("head");
  b.linear("classifier", averaged(x), {.out = outputs});
  return graph;
}

}  // namespace graft::models
