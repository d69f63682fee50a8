// The plan of what is kept until when, against what an Executor really holds between forward and backward: of every operator, and of whole networks.
#include "graft/train/graph/liveness.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graft/models/registry.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"
#include "train/operator_cases.h"

namespace graft::train {
namespace {

/// The plan's own words for what is held: by node, whose memory it is.
std::vector<int> planned(const Liveness& plan) {
  std::vector<int> owners;
  const std::vector<bool> held = plan.held();
  for (std::size_t i = 0; i < held.size(); ++i) owners.push_back(held[i] ? plan.owner[i] : -1);
  return owners;
}

/// Of tensors: of equal memory the first held node, so that both lists name it alike.
std::vector<int> first_of_each(const std::vector<int>& owners) {
  std::map<int, int> first;
  std::vector<int> list;
  for (std::size_t i = 0; i < owners.size(); ++i)
    list.push_back(owners[i] < 0 ? -1 : first.try_emplace(owners[i], static_cast<int>(i)).first->second);
  return list;
}

std::vector<int> really(const Executor& executor) {
  std::map<const void*, int> first;
  std::vector<int> list;
  for (const at::Tensor& output : executor.held())
    list.push_back(!output.defined() ? -1 : first.try_emplace(output.storage().data(), static_cast<int>(list.size())).first->second);
  return list;
}

void expect_as_planned(const graph::Graph& graph, at::ScalarType storage, const Compute& compute, std::size_t first_stage) {
  Executor executor(graph, storage, compute);
  std::vector<StageMode> modes(graph.stages.size());
  for (std::size_t stage = first_stage; stage < modes.size(); ++stage) modes[stage] = {.trains = true, .batch_norm_live = true};
  executor.set_modes(modes);
  const graph::Dims& d = graph.input_dims();
  const at::Tensor inputs = d.size() == 3 ? at::ones({2, d[1], d[2], d[0]}) : at::ones({2, d[0], d[1]});
  const Outputs outputs = executor.forward(inputs, {});
  const std::string what = graph.name + ", " + compute.name + ", from stage " + std::to_string(first_stage);
  const std::vector<int> held = really(executor), plan = first_of_each(planned(executor.plan()));
  for (std::size_t i = 0; i < plan.size(); ++i) EXPECT_EQ(held[i], plan[i]) << what << ", node " << i << ": " << describe(graph, i);
  executor.backward({{graph::kLogits, at::ones_like(outputs.at(graph::kLogits))}});
  EXPECT_TRUE(executor.held().empty()) << what;
}

template <std::size_t... I>
std::vector<OperatorCase> all_cases(std::index_sequence<I...>) {
  std::vector<OperatorCase> list;
  const auto add = [&](std::vector<OperatorCase> some) { list.insert(list.end(), some.begin(), some.end()); };
  (add(CasesOf{}(std::variant_alternative_t<I, graph::Operator>{})), ...);
  return list;
}

TEST(LivenessPlan, IsWhatIsHeldOfEveryOperator) {
  set_threads(1);
  for (const OperatorCase& c : all_cases(std::make_index_sequence<std::variant_size_v<graph::Operator>>()))
    for (const std::size_t first_stage : {0, 1}) {
      expect_as_planned(c.graph, at::kBFloat16, cpu(), first_stage);
      expect_as_planned(c.graph, at::kBFloat16, plain(), first_stage);
    }
  set_threads(2);
}

class LivenessOf : public testing::TestWithParam<const char*> {};

TEST_P(LivenessOf, IsWhatIsHeldOfWholeNetworks) {
  graph::Graph graph = models::find(GetParam()).build(5, 64);
  rule::fill(graph);
  for (const std::size_t first_stage : {std::size_t{0}, graph.stages.size() / 2, graph.stages.size() - 1})
    for (const Compute& compute : {cpu(), plain()}) expect_as_planned(graph, at::kBFloat16, compute, first_stage);
}

INSTANTIATE_TEST_SUITE_P(Each, LivenessOf,
                         testing::Values("resnet18", "efficientnet_lite0", "mobilenet_v3_small", "shufflenet_v2_x1_0", "densenet121",
                                         "regnet_y_400mf", "convnext_tiny", "deit_s_16", "googlenet"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace graft::train
