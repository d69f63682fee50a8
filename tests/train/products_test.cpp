// Steps in bf16, whose convolutions are products of blocks with batch norms computed on the way, against float32 where each is an operator of its own:
// one network for every kind of convolution and neighbour; and that threads do not matter to what graft computes itself.
#include <gtest/gtest.h>

#include "graft/graph/builder.h"
#include "graft/graph/graph.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/compute/products.h"
#include "graft/train/graph/executor.h"
#include "graft/train/graph/operators.h"
#include "models/rule.h"

namespace graft::train {
namespace {

using graph::Builder;
using graph::Conv2d;
using graph::Function;
using graph::Graph;

struct Case {
  std::string name;
  graph::Dims input;
  Conv2d conv;
};

/// conv, batch norm and activation, then the convolution in question between batch norms, added to a way around it where the shapes allow.
Graph network(const Case& c) {
  Graph graph{.name = c.name};
  Builder b(graph);
  b.stage("stem");
  const graph::Value x =
      graph::activate(Function::silu, b.batch_norm("bn0", b.conv("conv0", b.input({6, c.input[1], c.input[2]}), {.out = c.input[0], .kernel = 1})));
  b.stage("body");
  graph::Value y = b.batch_norm("bn1", b.conv("conv1", x, c.conv));
  if (y.dims() == x.dims()) y = y + x;
  y = graph::activate(Function::hard_swish, b.batch_norm("bn2", b.conv("conv2", y, {.out = 10, .kernel = 1, .bias = true})));
  b.stage("head");
  b.linear("fc", graph::apply(graph::GlobalAveragePool{}, {y}), {.out = 3});
  rule::fill(graph);
  return graph;
}

/// Of that network what graft computes itself: without its new layer, and without its 1x1 convolutions unless they are `in_blocks`. ATen gives the
/// others to MKL and oneDNN, whose sums depend on the number of threads on some CPUs: on Zen 4 a float32 product of (10, 350) and (350, 40) does.
Graph own_part(const Case& c, bool in_blocks) {
  Graph graph{.name = c.name};
  Builder b(graph);
  b.stage("body");
  const graph::Value picture = b.input(in_blocks ? graph::Dims{6, c.input[1], c.input[2]} : c.input);
  const graph::Value x =
      graph::activate(Function::silu, b.batch_norm("bn0", in_blocks ? b.conv("conv0", picture, {.out = c.input[0], .kernel = 1}) : picture));
  graph::Value y = b.batch_norm("bn1", b.conv("conv1", x, c.conv));
  if (y.dims() == x.dims()) y = y + x;
  if (in_blocks) y = b.conv("conv2", y, {.out = 10, .kernel = 1, .bias = true});
  graph::apply(graph::GlobalAveragePool{}, {graph::activate(Function::hard_swish, b.batch_norm("bn2", y))});
  rule::fill(graph);
  return graph;
}

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto add = [&](graph::Dims input, Conv2d conv) { list.push_back({"case" + std::to_string(list.size()), std::move(input), conv}); };
  for (const int64_t stride : {1, 2})
    for (const int64_t kernel : {1, 2, 3, 5, 7})
      for (const bool same : {false, true}) {
        const int64_t channels = 2 * ((kernel * 7 + stride * 3) % 11) + 2;
        add({channels, 9 + kernel, 8 + stride}, {.out = channels, .kernel = kernel, .stride = stride, .same = same});
        add({channels + 1, 8, 11}, {.out = 2 * kernel + 2, .kernel = kernel, .stride = stride, .same = same});
        if (kernel > 1)
          add({channels + 31, 7, 10}, {.out = channels + 31, .kernel = kernel, .stride = stride, .groups = channels + 31, .same = same});
      }
  add({1, 5, 5}, {.out = 1, .kernel = 1});
  add({8, 6, 9}, {.out = 12, .kernel = 1, .width = 5});
  add({8, 6, 9}, {.out = 12, .kernel = 3, .bias = true, .padding = 0});
  add({64, 21, 20}, {.out = 96, .kernel = 3});  // several blocks of places
  add({320, 7, 7}, {.out = 340, .kernel = 1});  // many weights
  add({12, 8, 8}, {.out = 12, .kernel = 3, .groups = 3});
  return list;
}

struct Step {
  at::Tensor logits;
  std::vector<at::Tensor> gradients, values;
};

Step step(const Graph& graph, at::ScalarType storage, bool live, int threads, bool products = true) {
  const int64_t batch = 5;
  set_threads(threads);
  Executor executor(graph, storage);
  if (!products) executor.set_conv_algorithms(every_conv_algorithm(graph, kAten));
  executor.set_modes(std::vector<StageMode>(graph.stages.size(), {true, live}));
  const graph::Dims& d = graph.input_dims();
  const at::Tensor images = at::sin(at::arange(batch * d[0] * d[1] * d[2], at::kDouble) * 0.7).to(at::kBFloat16).to(at::kFloat);
  at::Tensor logits = executor.forward(images.view({batch, d[1], d[2], d[0]}), {}).at(graph::kLogits);
  executor.backward({{graph::kLogits, at::cos(at::arange(logits.numel(), at::kDouble)).to(at::kFloat).view(logits.sizes())}});
  set_threads(2);
  return {std::move(logits), executor.gradients, executor.values};
}

/// Root mean square of the difference, relative to that of `want`.
double difference(const at::Tensor& got, const at::Tensor& want) {
  return ((got - want).to(at::kDouble).norm() / want.to(at::kDouble).norm()).item<double>();
}

class Products : public testing::TestWithParam<Case> {};

/// Rounding to 8 bits at every operator's end leaves a few per cent in gradients, more where sums cancel: so the bound is 3 %, or twice what ATen's
/// convolutions leave in bf16. A wrong place or weight leaves all.
TEST_P(Products, GiveTheStepOfFloat32WithinItsRounding) {
  const Graph graph = network(GetParam());
  for (const bool live : {false, true}) {
    const Step want = step(graph, at::kFloat, live, 2), got = step(graph, at::kBFloat16, live, 2);
    const Step plain = step(graph, at::kBFloat16, live, 2, false);
    EXPECT_LT(difference(got.logits, want.logits), std::max(0.02, 2 * difference(plain.logits, want.logits))) << live;
    double largest = 0;
    for (const at::Tensor& g : want.gradients)
      if (g.defined()) largest = std::max(largest, g.norm().item<double>());
    for (std::size_t p = 0; p < want.gradients.size(); ++p) {
      const std::string& name = graph.parameters[p].name;
      if (!want.gradients[p].defined()) {
        EXPECT_LT(difference(got.values[p], want.values[p]), 0.02) << name << " " << live;
      } else if (want.gradients[p].norm().item<double>() > 1e-3 * largest) {  // a bias before a live batch norm has a gradient of rounding only
        EXPECT_LT(difference(got.gradients[p], want.gradients[p]), std::max(0.03, 2 * difference(plain.gradients[p], want.gradients[p])))
            << name << " " << live;
      }
    }
  }
}

/// The convolutions that are graft's own: over channels apart from each other, and 1x1 ones in blocks.
TEST_P(Products, DoNotDependOnTheNumberOfThreads) {
  const Conv2d& c = GetParam().conv;
  const int64_t channels = GetParam().input[0];
  const bool depthwise = c.groups == channels, in_blocks = is_pointwise(c) && has_products(at::kBFloat16, channels, c.out);
  std::vector<at::ScalarType> types;
  if (depthwise) types = {at::kFloat, at::kBFloat16};
  else if (in_blocks) types = {at::kBFloat16};
  for (const at::ScalarType storage : types) {
    const Graph graph = own_part(GetParam(), in_blocks);
    const Step one = step(graph, storage, true, 1), three = step(graph, storage, true, 3);
    EXPECT_TRUE(at::equal(one.logits, three.logits));
    for (std::size_t p = 0; p < one.gradients.size(); ++p)
      EXPECT_TRUE(!one.gradients[p].defined() || at::equal(one.gradients[p], three.gradients[p])) << graph.parameters[p].name << " " << storage;
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, Products, testing::ValuesIn(cases()), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace graft::train
