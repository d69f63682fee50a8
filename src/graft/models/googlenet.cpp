// Szegedy et al. 2014, "Going deeper with convolutions". Names and shapes are torchvision's googlenet.py (whose 5x5 branch is a 3x3), without
// the auxiliary heads. The published weights want inputs of mean and deviation 0.5 (torchvision's transform_input), which is our preprocessing.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

Value conv_norm_relu(Builder b, Value x, const Conv2d& op) { return relu(b.batch_norm("bn", b.conv("conv", x, op), {1e-3})); }

struct Module {
  const char* name;
  int64_t one, three_in, three, five_in, five, pool;
};
constexpr Module kModules[] = {
    {"inception3a", 64, 96, 128, 16, 32, 32},     {"inception3b", 128, 128, 192, 32, 96, 64},   {"inception4a", 192, 96, 208, 16, 48, 64},
    {"inception4b", 160, 112, 224, 24, 64, 64},   {"inception4c", 128, 128, 256, 24, 64, 64},   {"inception4d", 112, 144, 288, 32, 64, 64},
    {"inception4e", 256, 160, 320, 32, 128, 128}, {"inception5a", 256, 160, 320, 32, 128, 128}, {"inception5b", 384, 192, 384, 48, 128, 128}};

Value inception(const Builder& b, Value x, const Module& m) {
  const Value one = conv_norm_relu(b.in("branch1"), x, {.out = m.one, .kernel = 1});
  Value three = conv_norm_relu(b.in("branch2").in("0"), x, {.out = m.three_in, .kernel = 1});
  three = conv_norm_relu(b.in("branch2").in("1"), three, {.out = m.three, .kernel = 3});
  Value five = conv_norm_relu(b.in("branch3").in("0"), x, {.out = m.five_in, .kernel = 1});
  five = conv_norm_relu(b.in("branch3").in("1"), five, {.out = m.five, .kernel = 3});
  const Value pooled = apply(MaxPool{.kernel = 3, .stride = 1, .padding = 1, .ceil = true}, {x});
  return apply(Concat{}, {one, three, five, conv_norm_relu(b.in("branch4").in("1"), pooled, {.out = m.pool, .kernel = 1})});
}

Graph build(int64_t classes, Size size) {
  Graph graph{.name = "googlenet"};
  Builder b(graph);
  constexpr MaxPool kPool{.kernel = 3, .stride = 2, .ceil = true};
  b.stage("stem");
  Value x = conv_norm_relu(b.in("conv1"), b.input({3, size.height, size.width}), {.out = 64, .kernel = 7, .stride = 2});
  x = conv_norm_relu(b.in("conv2"), apply(kPool, {x}), {.out = 64, .kernel = 1});
  x = apply(kPool, {conv_norm_relu(b.in("conv3"), x, {.out = 192, .kernel = 3})});
  char last = '2';
  for (const Module& m : kModules) {
    const char number = m.name[9];  // inception4b belongs to stage inception4
    if (number != last) {
      b.stage(std::string("inception") + number);
      if (number == '4') x = apply(kPool, {x});
      if (number == '5') x = apply(MaxPool{.kernel = 2, .stride = 2, .ceil = true}, {x});
      last = number;
    }
    x = inception(b.in(m.name), x, m);
  }
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("fc", apply(Dropout{0.2}, {x}), {.out = classes});
  return graph;
}

std::string without_auxiliary(std::string_view name) { return name.starts_with("aux") ? "" : std::string(name); }

}  // namespace

std::vector<Backbone> googlenet() {
  const data::Preprocess half{.mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};
  return {{"googlenet",
           "googlenet",
           "Szegedy et al. 2014",
           build,
           {torchvision_source("IMAGENET1K_V1", "googlenet-1378be20.pth", 69.778, half, without_auxiliary)}}};
}

}  // namespace graft::models
