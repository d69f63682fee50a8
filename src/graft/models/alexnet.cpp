// Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks". Names and shapes are torchvision's alexnet.py.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

Graph build(int64_t classes, Size size) {
  constexpr MaxPool kPool{.kernel = 3, .stride = 2};
  Graph graph{.name = "alexnet"};
  Builder b(graph);
  Builder features = b.in("features"), classifier = b.in("classifier");
  b.stage("stem");
  Value x = b.input({3, size.height, size.width});
  x = relu(features.conv("0", x, {.out = 64, .kernel = 11, .stride = 4, .bias = true, .padding = 2}));
  b.stage("conv2");
  x = relu(features.conv("3", apply(kPool, {x}), {.out = 192, .kernel = 5, .bias = true}));
  b.stage("conv3");
  x = relu(features.conv("6", apply(kPool, {x}), {.out = 384, .kernel = 3, .bias = true}));
  b.stage("conv4");
  x = relu(features.conv("8", x, {.out = 256, .kernel = 3, .bias = true}));
  b.stage("conv5");
  x = relu(features.conv("10", x, {.out = 256, .kernel = 3, .bias = true}));
  x = apply(kPool, {x});
  b.stage("classifier");
  x = adaptive_average_pool(x, 6);
  x = apply(Dropout{0.5}, {apply(Flatten{}, {x})});
  x = apply(Dropout{0.5}, {relu(classifier.linear("1", x, {.out = 4096}))});
  x = relu(classifier.linear("4", x, {.out = 4096}));
  b.stage("head");
  classifier.linear("6", x, {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> alexnet() {
  return {{"alexnet", "alexnet", "Krizhevsky 2014", build, {torchvision_source("IMAGENET1K_V1", "alexnet-owt-7be5be79.pth", 56.522)}}};
}

}  // namespace graft::models
