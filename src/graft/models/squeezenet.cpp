// Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters". Names and shapes are torchvision's squeezenet.py, versions 1.0 and 1.1.
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

struct Fire {
  int layer, squeeze, expand;
};
struct Variant {
  const char* name;
  int64_t stem, kernel;
  std::vector<std::vector<Fire>> stages;  // a max-pool stands before each but the last of version 1.1
  bool pool_before_last;
  Source source;
};

std::vector<Variant> variants() {
  return {{"squeezenet1_0",
           96,
           7,
           {{{3, 16, 64}, {4, 16, 64}, {5, 32, 128}}, {{7, 32, 128}, {8, 48, 192}, {9, 48, 192}, {10, 64, 256}}, {{12, 64, 256}}},
           true,
           torchvision_source("IMAGENET1K_V1", "squeezenet1_0-b66bff10.pth", 58.092)},
          {"squeezenet1_1",
           64,
           3,
           {{{3, 16, 64}, {4, 16, 64}}, {{6, 32, 128}, {7, 32, 128}}, {{9, 48, 192}, {10, 48, 192}}, {{11, 64, 256}, {12, 64, 256}}},
           false,
           torchvision_source("IMAGENET1K_V1", "squeezenet1_1-b8a52dc0.pth", 58.178)}};
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  b.stage("stem");
  Value x = b.input({3, size.height, size.width});
  x = relu(b.in("features").conv("0", x, {.out = net.stem, .kernel = net.kernel, .stride = 2, .bias = true, .padding = 0}));
  for (std::size_t s = 0; s < net.stages.size(); ++s) {
    b.stage("fire" + std::to_string(s + 1));
    if (s + 1 < net.stages.size() || net.pool_before_last) x = apply(MaxPool{.kernel = 3, .stride = 2, .ceil = true}, {x});
    for (const Fire& f : net.stages[s]) x = fire(b.in("features").in(std::to_string(f.layer)), x, f.squeeze, f.expand);
  }
  b.stage("head");
  x = apply(Dropout{0.5}, {x});
  x = relu(b.in("classifier").conv("1", x, {.out = classes, .kernel = 1, .bias = true}));
  apply(GlobalAveragePool{}, {x});
  return graph;
}

}  // namespace

std::vector<Backbone> squeezenet() {
  std::vector<Backbone> rows;
  for (const Variant& net : variants())
    rows.push_back(
        {net.name, "squeezenet", "Iandola et al. 2016", [net](int64_t classes, Size size) { return build(net, classes, size); }, {net.source}});
  return rows;
}

}  // namespace graft::models
