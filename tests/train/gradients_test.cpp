// The proof of the operators: in float64 the gradients of plain() are the slopes of its outputs, and cpu() gives what plain() gives, in float32 and bf16.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "error_text.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"
#include "train/operator_cases.h"

namespace graft::train {
namespace {

constexpr StageMode kFixed{.trains = true}, kLive{.trains = true, .batch_norm_live = true},
    kStochNorm{.trains = true, .batch_norm_live = true, .running = 0.5};
constexpr StepSeed kSeed{5, 2};

template <std::size_t... I>
std::vector<std::pair<std::size_t, OperatorCase>> cases(std::index_sequence<I...>) {
  std::vector<std::pair<std::size_t, OperatorCase>> list;
  const auto add = [&](std::size_t op, std::vector<OperatorCase> some) {
    for (OperatorCase& c : some) list.emplace_back(op, std::move(c));
  };
  (add(I, CasesOf{}(std::variant_alternative_t<I, graph::Operator>{})), ...);
  return list;
}
const std::vector<std::pair<std::size_t, OperatorCase>>& cases() {
  static const auto list = cases(std::make_index_sequence<std::variant_size_v<graph::Operator>>());
  return list;
}

/// These networks are so small that threads only wait for each other.
struct OneThread {
  OneThread() { set_threads(1); }
  ~OneThread() { set_threads(2); }
};

/// What is the same every time, between -scale and scale.
at::Tensor noise(at::IntArrayRef sizes, double scale = 1, double frequency = 0.7) {
  return (at::sin(at::arange(c10::multiply_integers(sizes), at::kDouble) * frequency + frequency) * scale).view(sizes);
}

/// Three pictures, one darker and one brighter than the other: behind a pool over all of a picture a live batch norm divides by how they differ, and sums in
/// float32 leave little of a difference that is small.
at::Tensor inputs_for(const graph::Graph& graph) {
  const graph::Dims& d = graph.input_dims();
  const at::Tensor inputs = d.size() == 3 ? noise({3, d[1], d[2], d[0]}, 3) : noise({3, d[0], d[1]}, 3);
  for (int64_t picture = 0; picture < 3; ++picture) inputs[picture].add_(static_cast<double>(picture - 1));
  return inputs;
}

/// A network of one case, at the weights by rule, and large values behind batch norms, so that both bends of ReLU6 and hard swish are seen.
class Network {
 public:
  Network(const graph::Graph& graph, at::ScalarType storage, const Compute& compute, const char* way, StageMode mode, double brightness = 1)
      : executor_(graph, storage, compute), inputs_(inputs_for(graph) * brightness) {
    executor_.set_conv_algorithms(every_conv_algorithm(graph, way));
    executor_.set_modes({mode});
    for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
      const graph::Parameter& parameter = graph.parameters[p];
      if (parameter.shape.size() == 1 && parameter.name.ends_with("weight")) executor_.values[p].mul_(3);
      beginning_.push_back(executor_.values[p].clone());
    }
  }

  Executor& executor() { return executor_; }
  bool moves(std::size_t p) const { return !executor_.graph().parameters[p].buffer; }

  /// From the statistics as they were in the beginning.
  at::Tensor forward() {
    for (std::size_t p = 0; p < beginning_.size(); ++p)
      if (!moves(p)) executor_.values[p].copy_(beginning_[p]);
    return executor_.forward(inputs_, kSeed).at(graph::kLogits);
  }
  /// Of a loss that is a weighted sum of all outputs.
  static at::Tensor slopes(const at::Tensor& output) { return noise(output.sizes(), 1, 1.3).to(output.scalar_type()); }
  /// Its outputs, gradients and moved statistics.
  std::vector<at::Tensor> step() {
    const at::Tensor output = forward();
    executor_.backward({{graph::kLogits, slopes(output)}});
    std::vector<at::Tensor> all{output};
    for (std::size_t p = 0; p < beginning_.size(); ++p)
      all.push_back((moves(p) ? executor_.gradients[p] : executor_.values[p]).to(at::kDouble).clone());
    return all;
  }

 private:
  Executor executor_;
  at::Tensor inputs_;
  std::vector<at::Tensor> beginning_;
};

TEST(Operators, HaveACaseEach) {
  for (std::size_t op = 0; op < std::variant_size_v<graph::Operator>; ++op) {
    const bool there = std::ranges::any_of(cases(), [&](const auto& c) {
      return c.first == op && std::ranges::any_of(c.second.graph.nodes, [&](const graph::Node& node) { return node.op.index() == op; });
    });
    EXPECT_EQ(there, op != graph::Operator(graph::Foreign{}).index()) << "operator " << op;
  }
}

TEST(Operators, ThatAreForeignAreRefused) {
  graph::Graph graph{.name = "stranger"};
  graph::Builder b(graph);
  b.stage("all");
  b.apply(graph::Foreign{.out = {4}}, {b.input({3, 4, 4})});
  Executor executor(graph, at::kFloat, plain());
  EXPECT_EQ(test::message_of([&] { executor.forward(inputs_for(graph), {}); }),
            "stranger: this ONNX network has operators that graft runs but cannot train; use --strategy head");
}

/// Along a direction of each parameter by itself, within 5e-5 of what the slope could be at most.
TEST(OperatorGradients, ArePlainSlopesInFloat64) {
  constexpr double kStep = 1e-7, kBound = 5e-5;
  const OneThread alone;
  for (const auto& [op, c] : cases())
    for (const char* way : {kBlocks, kAten})
      for (const StageMode& mode : {kFixed, kLive, kStochNorm}) {
        Network network(c.graph, at::kDouble, plain(), way, mode);
        network.step();
        const std::vector<at::Tensor> gradients = network.executor().gradients;
        for (std::size_t p = 0; p < gradients.size(); ++p) {
          if (!network.moves(p)) continue;
          const std::string what = c.name + ", " + c.graph.parameters[p].name + ", " + way + (mode.batch_norm_live ? ", live" : ", fixed");
          ASSERT_TRUE(gradients[p].defined()) << what;
          at::Tensor& value = network.executor().values[p];
          const at::Tensor direction = noise(value.sizes(), 1, 2.1), at_rest = value.clone();
          value.add_(direction, kStep);
          const at::Tensor above = network.forward();
          value.copy_(at_rest).sub_(direction, kStep);
          const at::Tensor below = network.forward();
          value.copy_(at_rest);
          const double rise = ((above - below) * Network::slopes(above)).sum().item<double>() / (2 * kStep);
          const double most = (gradients[p].norm() * direction.norm()).item<double>();
          EXPECT_NEAR(rise, (gradients[p] * direction).sum().item<double>(), kBound * std::max(most, 1.0)) << what;
        }
      }
}

/// Root mean square of what the steps differ by, relative to `want`: of outputs, or of all the rest together, since a bias before a live batch norm has a
/// gradient of rounding only.
double difference(const std::vector<at::Tensor>& got, const std::vector<at::Tensor>& want) {
  const auto norm_of_all = [](const std::vector<at::Tensor>& list, const std::vector<at::Tensor>* other) {
    double squares = 0;
    for (std::size_t i = 1; i < list.size(); ++i) squares += (other != nullptr ? list[i] - (*other)[i] : list[i]).square().sum().item<double>();
    return std::sqrt(squares);
  };
  return std::max(((got[0] - want[0]).norm() / want[0].norm()).item<double>(), norm_of_all(got, &want) / norm_of_all(want, nullptr));
}

class OnTheCpu : public testing::TestWithParam<std::pair<at::ScalarType, double>> {};

/// Where statistics of few values are divided by, or a value falls on the other side of a bend, rounding to 8 bits leaves much, to plain() as well: so the
/// bound is what the type leaves usually, or three times plain()'s own difference from float64, the largest on the pictures and on slightly brighter ones,
/// which are rounded otherwise: how a CPU sums is another such accident.
TEST_P(OnTheCpu, AStepIsThatOfPlainWithinItsRounding) {
  const auto [storage, bound] = GetParam();
  const OneThread alone;
  for (const auto& [op, c] : cases())
    for (const StageMode& mode : {kFixed, kLive, kStochNorm}) {
      const auto step = [&, &graph = c.graph](at::ScalarType type, const Compute& compute, const char* way, double brightness = 1) {
        return Network(graph, type, compute, way, mode, brightness).step();
      };
      const auto want = step(storage, plain(), kBlocks);
      double rounding = 0;
      for (const double brightness : {1.0, 1.001, 1.003, 1.007})
        rounding = std::max(rounding, difference(step(storage, plain(), kBlocks, brightness), step(at::kDouble, plain(), kBlocks, brightness)));
      for (const char* way : {kBlocks, kAten})
        EXPECT_LE(difference(step(storage, cpu(), way), want), std::max(bound, 3 * rounding))
            << c.name << ", " << way << (mode.batch_norm_live ? ", live" : ", fixed");
    }
}

INSTANTIATE_TEST_SUITE_P(InEachType, OnTheCpu, testing::Values(std::pair(at::kFloat, 1e-4), std::pair(at::kBFloat16, 0.03)),
                         [](const auto& row) { return row.param.first == at::kFloat ? "float32" : "bf16"; });

}  // namespace
}  // namespace graft::train
