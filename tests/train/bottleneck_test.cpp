// A bottleneck while it trains.
#include "graft/graph/bottleneck.h"

#include <gtest/gtest.h>

#include "graft/train/loop/averages.h"
#include "graft/train/loop/update.h"
#include "train/adapting.h"

namespace graft::train {
namespace {

using namespace small;

/// What pulls the weights below the new layers back to where they began leaves the bottleneck alone, which began at random.
TEST(Bottleneck, IsAsNewAsTheHead) {
  const graph::Graph graph = narrowed();
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::full});
  Executor executor(graph, at::kFloat);
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    executor.values[p].add_(1);
    executor.gradients[p] = at::zeros_like(executor.values[p]);
  }
  pull_to_source(executor, graph, 1);
  interpolate(executor, graph, plan, 0);
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    const std::string& name = graph.parameters[p].name;
    const bool is_new = name.starts_with("bottleneck") || name.starts_with("head");
    EXPECT_EQ(executor.gradients[p].abs().max().item<float>() == 0, is_new) << name;
    const std::span<const float> before = graph.parameters[p].tensor.values;
    EXPECT_NEAR(executor.values[p].const_data_ptr<float>()[0] - before[0], is_new ? 1 : 0, 1e-6) << name;
  }
  TrainConfig config = config_of();
  config.l2_sp = 0.1;
  std::vector<int> decayed;
  for (const auto& group : groups_of(graph, plan, config))
    if (group.weight_decay > 0) decayed.push_back(group.stage);
  EXPECT_EQ(decayed, (std::vector<int>{3, 4}));
}

}  // namespace
}  // namespace graft::train
