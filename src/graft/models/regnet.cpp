// Radosavovic et al. 2020, "Designing network design spaces": RegNetY. Names and shapes are torchvision's regnet.py.
#include <cmath>

#include "graft/models/blocks.h"
#include "graft/models/registry.h"
#include "graft/models/timm_names.h"

namespace graft::models {
namespace {

using namespace graph;

struct Variant {
  const char* name;
  int64_t widths[4];  // of the stages; torchvision computes them and the depths from the paper's three numbers
  int depths[4];
  int64_t group_width;
  std::vector<Source> sources;
};

std::vector<Variant> variants() {
  const data::Preprocess v2{.resize = 232};
  const auto timm = [](const char* model, const char* tag, double top1, int resize) {
    return timm_source(model, tag, top1, {.resize = resize, .filter = image::Filter::bicubic}, regnet_from_timm);
  };
  return {{"regnet_y_400mf",
           {48, 104, 208, 440},
           {1, 3, 6, 6},
           8,
           {torchvision_source("IMAGENET1K_V1", "regnet_y_400mf-c65dace8.pth", 74.046),
            torchvision_source("IMAGENET1K_V2", "regnet_y_400mf-e6988f5f.pth", 75.804, v2), timm("regnety_004", "pycls_in1k", 74.004, 256),
            timm("regnety_004", "tv2_in1k", 75.594, 232)}},
          {"regnet_y_1_6gf",
           {48, 120, 336, 888},
           {2, 6, 17, 2},
           24,
           {torchvision_source("IMAGENET1K_V1", "regnet_y_1_6gf-b11a554e.pth", 77.950),
            torchvision_source("IMAGENET1K_V2", "regnet_y_1_6gf-0d7bc02a.pth", 80.876, v2), timm("regnety_016", "pycls_in1k", 77.880, 256),
            timm("regnety_016", "tv2_in1k", 80.668, 232)}}};
}

Value block(const Builder& b, Value x, int64_t out, int64_t stride, int64_t group_width) {
  const int64_t in = x.channels();
  const Value shortcut = in != out || stride != 1 ? conv_norm(b.in("proj"), x, {.out = out, .kernel = 1, .stride = stride}) : x;
  const Builder f = b.in("f");
  Value y = relu(conv_norm(f.in("a"), x, {.out = out, .kernel = 1}));
  y = relu(conv_norm(f.in("b"), y, {.out = out, .kernel = 3, .stride = stride, .groups = out / group_width}));
  y = squeeze_excite(f.in("se"), y, std::lrint(0.25 * static_cast<double>(in)), Function::relu, Function::sigmoid);
  return relu(shortcut + conv_norm(f.in("c"), y, {.out = out, .kernel = 1}));
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  b.stage("stem");
  Value x = relu(conv_norm(b.in("stem"), b.input({3, size.height, size.width}), {.out = 32, .kernel = 3, .stride = 2}));
  for (int s = 0; s < 4; ++s) {
    const std::string name = "block" + std::to_string(s + 1);
    b.stage(name);
    for (int i = 0; i < net.depths[s]; ++i)
      x = block(b.in("trunk_output").in(name).in(name + "-" + std::to_string(i)), x, net.widths[s], i == 0 ? 2 : 1, net.group_width);
  }
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("fc", x, {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> regnet() {
  std::vector<Backbone> rows;
  for (const Variant& net : variants())
    rows.push_back(
        {net.name, "regnet", "Radosavovic et al. 2020", [net](int64_t classes, Size size) { return build(net, classes, size); }, net.sources});
  return rows;
}

}  // namespace graft::models
