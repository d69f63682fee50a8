// Szegedy et al. 2015, "Rethinking the Inception architecture for computer vision": Inception v3. Names and shapes are torchvision's inception.py,
// without the auxiliary head. The published weights want inputs of mean and deviation 0.5 (transform_input), which is our preprocessing.
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using namespace graph;

Value cnr(const Builder& path, const std::string& name, Value x, const Conv2d& op) {  // convolution, norm, ReLU
  Builder b = path.in(name);
  return relu(b.batch_norm("bn", b.conv("conv", x, op), {1e-3}));
}
constexpr Conv2d point(int64_t out) { return {.out = out, .kernel = 1}; }
constexpr Conv2d flat(int64_t out, int64_t width) { return {.out = out, .kernel = 1, .width = width}; }
constexpr Conv2d tall(int64_t out, int64_t height) { return {.out = out, .kernel = height, .width = 1}; }
constexpr Conv2d square(int64_t out, int64_t kernel = 3) { return {.out = out, .kernel = kernel}; }
constexpr Conv2d shrink(int64_t out) { return {.out = out, .kernel = 3, .stride = 2, .padding = 0}; }
constexpr AveragePool kMean{.kernel = 3, .stride = 1, .padding = 1};
constexpr MaxPool kPool{.kernel = 3, .stride = 2};

Value module_a(const Builder& b, Value x, int64_t pool) {
  const Value five = cnr(b, "branch5x5_2", cnr(b, "branch5x5_1", x, point(48)), square(64, 5));
  const Value three = cnr(b, "branch3x3dbl_2", cnr(b, "branch3x3dbl_1", x, point(64)), square(96));
  return apply(Concat{}, {cnr(b, "branch1x1", x, point(64)), five, cnr(b, "branch3x3dbl_3", three, square(96)),
                          cnr(b, "branch_pool", apply(kMean, {x}), point(pool))});
}

Value module_b(const Builder& b, Value x) {
  const Value three = cnr(b, "branch3x3dbl_2", cnr(b, "branch3x3dbl_1", x, point(64)), square(96));
  return apply(Concat{}, {cnr(b, "branch3x3", x, shrink(384)), cnr(b, "branch3x3dbl_3", three, shrink(96)), apply(kPool, {x})});
}

Value module_c(const Builder& b, Value x, int64_t c) {
  Value seven = cnr(b, "branch7x7_2", cnr(b, "branch7x7_1", x, point(c)), flat(c, 7));
  seven = cnr(b, "branch7x7_3", seven, tall(192, 7));
  Value twice = cnr(b, "branch7x7dbl_2", cnr(b, "branch7x7dbl_1", x, point(c)), tall(c, 7));
  twice = cnr(b, "branch7x7dbl_4", cnr(b, "branch7x7dbl_3", twice, flat(c, 7)), tall(c, 7));
  twice = cnr(b, "branch7x7dbl_5", twice, flat(192, 7));
  return apply(Concat{}, {cnr(b, "branch1x1", x, point(192)), seven, twice, cnr(b, "branch_pool", apply(kMean, {x}), point(192))});
}

Value module_d(const Builder& b, Value x) {
  const Value three = cnr(b, "branch3x3_2", cnr(b, "branch3x3_1", x, point(192)), shrink(320));
  Value seven = cnr(b, "branch7x7x3_2", cnr(b, "branch7x7x3_1", x, point(192)), flat(192, 7));
  seven = cnr(b, "branch7x7x3_4", cnr(b, "branch7x7x3_3", seven, tall(192, 7)), shrink(192));
  return apply(Concat{}, {three, seven, apply(kPool, {x})});
}

Value module_e(const Builder& b, Value x) {
  const Value three = cnr(b, "branch3x3_1", x, point(384));
  const Value twice = cnr(b, "branch3x3dbl_2", cnr(b, "branch3x3dbl_1", x, point(448)), square(384));
  const Value pool = cnr(b, "branch_pool", apply(kMean, {x}), point(192));
  return apply(Concat{},
               {cnr(b, "branch1x1", x, point(320)), cnr(b, "branch3x3_2a", three, flat(384, 3)), cnr(b, "branch3x3_2b", three, tall(384, 3)),
                cnr(b, "branch3x3dbl_3a", twice, flat(384, 3)), cnr(b, "branch3x3dbl_3b", twice, tall(384, 3)), pool});
}

Graph build(int64_t classes, Size size) {
  Graph graph{.name = "inception_v3"};
  Builder b(graph);
  b.stage("stem");
  Value x = cnr(b, "Conv2d_1a_3x3", b.input({3, size.height, size.width}), shrink(32));
  x = cnr(b, "Conv2d_2b_3x3", cnr(b, "Conv2d_2a_3x3", x, {.out = 32, .kernel = 3, .padding = 0}), square(64));
  x = cnr(b, "Conv2d_3b_1x1", apply(kPool, {x}), point(80));
  x = apply(kPool, {cnr(b, "Conv2d_4a_3x3", x, {.out = 192, .kernel = 3, .padding = 0})});
  b.stage("Mixed_5");
  x = module_a(b.in("Mixed_5d"), module_a(b.in("Mixed_5c"), module_a(b.in("Mixed_5b"), x, 32), 64), 64);
  b.stage("Mixed_6");
  x = module_c(b.in("Mixed_6b"), module_b(b.in("Mixed_6a"), x), 128);
  x = module_c(b.in("Mixed_6e"), module_c(b.in("Mixed_6d"), module_c(b.in("Mixed_6c"), x, 160), 160), 192);
  b.stage("Mixed_7");
  x = module_e(b.in("Mixed_7c"), module_e(b.in("Mixed_7b"), module_d(b.in("Mixed_7a"), x)));
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("fc", apply(Dropout{0.5}, {x}), {.out = classes});
  return graph;
}

std::string without_auxiliary(std::string_view name) { return name.starts_with("AuxLogits") ? "" : std::string(name); }

}  // namespace

std::vector<Backbone> inception() {
  const data::Preprocess half{.resize = 342, .crop = 299, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};
  return {{"inception_v3",
           "inception",
           "Szegedy et al. 2015",
           build,
           {torchvision_source("IMAGENET1K_V1", "inception_v3_google-0cc3c7bd.pth", 77.294, half, without_auxiliary),
            timm_source("inception_v3", "tv_in1k", 77.472,
                        {.resize = 341, .crop = 299, .filter = image::Filter::bicubic, .mean = half.mean, .std = half.std}, without_auxiliary)}}};
}

}  // namespace graft::models
