// Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters". Names and shapes are torchvision's squeezenet.py, version 1.1.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

Value fire(Builder b, Value x, int64_t squeeze, int64_t expand) {
  const Value s = relu(b.conv("squeeze", x, {.out = squeeze, .kernel = 1, .bias = true}));
  const Value e1 = relu(b.conv("expand1x1", s, {.out = expand, .kernel = 1, .bias = true}));
  const Value e3 = relu(b.conv("expand3x3", s, {.out = expand, .kernel = 3, .bias = true}));
  return apply(Concat{}, {e1, e3});
}

Graph build(int64_t classes, int64_t size) {
  constexpr MaxPool kPool{.kernel = 3, .stride = 2, .ceil = true};
  Graph graph{.name = "squeezenet1_1"};
  Builder b(graph);
  const Builder layers = b.in("features");
  b.stage("stem");
  Value x = b.input({3, size, size});
  x = relu(b.in("features").conv("0", x, {.out = 64, .kernel = 3, .stride = 2, .bias = true, .padding = 0}));
  b.stage("fire1");
  x = apply(kPool, {x});
  x = fire(layers.in("3"), x, 16, 64);
  x = fire(layers.in("4"), x, 16, 64);
  b.stage("fire2");
  x = apply(kPool, {x});
  x = fire(layers.in("6"), x, 32, 128);
  x = fire(layers.in("7"), x, 32, 128);
  b.stage("fire3");
  x = apply(kPool, {x});
  x = fire(layers.in("9"), x, 48, 192);
  x = fire(layers.in("10"), x, 48, 192);
  b.stage("fire4");
  x = fire(layers.in("11"), x, 64, 256);
  x = fire(layers.in("12"), x, 64, 256);
  b.stage("head");
  x = apply(Dropout{0.5}, {x});
  x = relu(b.in("classifier").conv("1", x, {.out = classes, .kernel = 1, .bias = true}));
  apply(GlobalAveragePool{}, {x});
  return graph;
}

}  // namespace

std::vector<Backbone> squeezenet() {
  return {{"squeezenet1_1",
           "squeezenet",
           "Iandola et al. 2016",
           build,
           {{"IMAGENET1K_V1",
             "squeezenet1_1-b8a52dc0.pth",
             "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",
             "b8a52dc0",
             "BSD-3-Clause",
             58.178,
             {}}}}};
}

}  // namespace graft::models
