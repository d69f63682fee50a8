#include "graft/train/graph/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/models/registry.h"
#include "models/rule.h"

namespace graft::train {
namespace {

/// The four pictures of tools/make_gradient_goldens.py, normalised: (4, size, size, 3).
at::Tensor pictures(int size, const data::Preprocess& preprocess) {
  const std::vector<uint8_t> base = rule::picture(size);
  at::Tensor one = at::empty({size, size, 3}, at::kLong);
  std::copy(base.begin(), base.end(), one.mutable_data_ptr<int64_t>());
  at::Tensor all = at::stack({one, one.flip({1}), one.flip({0}), (one * 7 + 31).bitwise_and(255)}).to(at::kDouble);
  for (int c = 0; c < 3; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    all.select(3, c).sub_(double{preprocess.mean[channel]} * 255).div_(double{preprocess.std[channel]} * 255);
  }
  return all.to(at::kFloat);
}

/// Weights by rule, no dropout, no kinks (see the tool).
graph::Graph network(const std::string& name, int size) {
  graph::Graph graph = models::find(name).build(1000, size);
  rule::fill(graph);
  for (graph::Node& node : graph.nodes)
    if (auto* dropout = std::get_if<graph::Dropout>(&node.op)) dropout->probability = 0;
    else if (auto* a = std::get_if<graph::Activation>(&node.op);
             a != nullptr && (a->function == graph::Function::relu || a->function == graph::Function::relu6))
      a->function = graph::Function::silu;
  return graph;
}

/// Of the mean cross-entropy.
at::Tensor loss_gradient(const at::Tensor& logits, const at::Tensor& labels) {
  at::Tensor p = at::softmax(logits.to(at::kDouble), 1);
  p.scatter_add_(1, labels.unsqueeze(1), at::full({labels.size(0), 1}, -1.0, at::kDouble));
  return (p / labels.size(0)).to(at::kFloat);
}

/// The largest difference of the sampled values, relative to the larger of the value, the tensor's root mean square and `least`.
double difference(const at::Tensor& ours, const nlohmann::json& golden, double least) {
  const at::Tensor flat = ours.flatten().to(at::kDouble);
  const double rms = golden[0].get<double>();
  double worst = std::abs(flat.pow(2).mean().sqrt().item<double>() - rms) / std::max(rms, least);
  for (int64_t i = 0; i < 4; ++i) {
    const double wanted = golden[1][static_cast<std::size_t>(i)].get<double>();
    worst = std::max(worst, std::abs(flat[i * (flat.numel() - 1) / 3].item<double>() - wanted) / std::max({std::abs(wanted), rms, least}));
  }
  return worst;
}

class Gradients : public testing::TestWithParam<std::string> {};

TEST_P(Gradients, AreThoseOfPyTorch) {
  std::ifstream file(GRAFT_TESTS "/train/goldens/" + GetParam() + ".json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  const int size = golden["size"].get<int>();
  const at::Tensor labels = at::arange(0, 1000, 250, at::kLong);
  for (const char* mode : {"fixed", "live"}) {
    if (!golden.contains(mode)) continue;
    Executor executor(network(GetParam(), size), at::kFloat);
    executor.set_modes(std::vector<StageMode>(executor.graph().stages.size(), {.trains = true, .batch_norm_live = std::string(mode) == "live"}));
    const at::Tensor logits = executor.forward(pictures(size, models::find(GetParam()).preprocess()), {}).at(graph::kLogits);
    executor.backward({{graph::kLogits, loss_gradient(logits, labels)}});
    const nlohmann::json& wanted = golden[mode]["parameters"];
    const double bound = std::max(1e-3, 4 * golden[mode]["noise"].get<double>());
    double largest = 0;
    for (const auto& item : wanted.items()) largest = std::max(largest, item.value()[0].get<double>());
    for (std::size_t p = 0; p < executor.values.size(); ++p) {
      const graph::Parameter& parameter = executor.graph().parameters[p];
      if (!wanted.contains(parameter.name)) continue;
      const double d = difference(parameter.buffer ? executor.values[p] : executor.gradients[p], wanted[parameter.name],
                                  1e-5 * largest);  // a bias before a live BatchNorm has a gradient of 0 but for rounding
      EXPECT_LE(d, bound) << mode << " " << parameter.name;
    }
  }
}

std::vector<std::string> networks() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(GRAFT_TESTS "/train/goldens")) names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}
INSTANTIATE_TEST_SUITE_P(OfEachFamily, Gradients, testing::ValuesIn(networks()), [](const auto& row) { return row.param; });

}  // namespace
}  // namespace graft::train
