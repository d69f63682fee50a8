// Howard et al. 2019, "Searching for MobileNetV3". Names and shapes are torchvision's mobilenetv3.py.
#include "graft/models/blocks.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

constexpr Function kRelu = Function::relu, kSwish = Function::hard_swish;
constexpr BatchNorm kNorm{1e-3};

struct Block {
  int64_t kernel, expand, out;
  bool excite;
  Function function;
  int64_t stride;
};
struct Variant {
  const char* name;
  std::vector<Block> blocks;
  int64_t hidden;  // width of the classifier's first layer
  std::vector<Source> sources;
};

// clang-format off
std::vector<Variant> variants() {
  return {{"mobilenet_v3_small",
           {{3, 16, 16, true, kRelu, 2}, {3, 72, 24, false, kRelu, 2}, {3, 88, 24, false, kRelu, 1}, {5, 96, 40, true, kSwish, 2},
            {5, 240, 40, true, kSwish, 1}, {5, 240, 40, true, kSwish, 1}, {5, 120, 48, true, kSwish, 1}, {5, 144, 48, true, kSwish, 1},
            {5, 288, 96, true, kSwish, 2}, {5, 576, 96, true, kSwish, 1}, {5, 576, 96, true, kSwish, 1}},
           1024,
           {torchvision_source("IMAGENET1K_V1", "mobilenet_v3_small-047dcff4.pth", 67.668)}},
          {"mobilenet_v3_large",
           {{3, 16, 16, false, kRelu, 1}, {3, 64, 24, false, kRelu, 2}, {3, 72, 24, false, kRelu, 1}, {5, 72, 40, true, kRelu, 2},
            {5, 120, 40, true, kRelu, 1}, {5, 120, 40, true, kRelu, 1}, {3, 240, 80, false, kSwish, 2}, {3, 200, 80, false, kSwish, 1},
            {3, 184, 80, false, kSwish, 1}, {3, 184, 80, false, kSwish, 1}, {3, 480, 112, true, kSwish, 1}, {3, 672, 112, true, kSwish, 1},
            {5, 672, 160, true, kSwish, 2}, {5, 960, 160, true, kSwish, 1}, {5, 960, 160, true, kSwish, 1}},
           1280,
           {torchvision_source("IMAGENET1K_V1", "mobilenet_v3_large-8738ca79.pth", 74.042),
            torchvision_source("IMAGENET1K_V2", "mobilenet_v3_large-5c1a4163.pth", 75.274, {.resize = 232})}}};
}
// clang-format on

Value block(const Builder& b, Value x, const Block& s) {
  const int64_t in = x.channels();
  int layer = 0;
  const auto next = [&] { return b.in(std::to_string(layer++)); };
  Value y = x;
  if (s.expand != in) y = activate(s.function, conv_norm(next(), y, {.out = s.expand, .kernel = 1}, kNorm));
  y = activate(s.function, conv_norm(next(), y, {.out = s.expand, .kernel = s.kernel, .stride = s.stride, .groups = s.expand}, kNorm));
  if (s.excite) y = squeeze_excite(next(), y, multiple_of_8(static_cast<double>(s.expand / 4)), kRelu, Function::hard_sigmoid);
  y = conv_norm(next(), y, {.out = s.out, .kernel = 1}, kNorm);
  return s.stride == 1 && in == s.out ? x + y : y;
}

Graph build(const Variant& net, int64_t classes, Size size) {
  Graph graph{.name = net.name};
  Builder b(graph);
  const Builder features = b.in("features");
  b.stage("stem");
  Value x = activate(kSwish, conv_norm(features.in("0"), b.input({3, size.height, size.width}), {.out = 16, .kernel = 3, .stride = 2}, kNorm));
  int stage = 1, layer = 1;
  b.stage("stage1");
  for (const Block& s : net.blocks) {
    if (s.stride == 2 && layer > 1) b.stage("stage" + std::to_string(++stage));  // torchvision has no stages; one begins where the picture shrinks
    x = block(features.in(std::to_string(layer++)).in("block"), x, s);
  }
  b.stage("conv_head");
  x = activate(kSwish, conv_norm(features.in(std::to_string(layer)), x, {.out = 6 * x.channels(), .kernel = 1}, kNorm));
  x = activate(kSwish, b.in("classifier").linear("0", apply(GlobalAveragePool{}, {x}), {.out = net.hidden}));
  b.stage("head");
  b.in("classifier").linear("3", apply(Dropout{0.2}, {x}), {.out = classes});
  return graph;
}

}  // namespace

std::vector<Backbone> mobilenet_v3() {
  std::vector<Backbone> rows;
  for (const Variant& net : variants())
    rows.push_back(
        {net.name, "mobilenet", "Howard et al. 2019", [net](int64_t classes, Size size) { return build(net, classes, size); }, net.sources});
  return rows;
}

}  // namespace graft::models
