#include "graft/train/cost.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <regex>

#include <malloc.h>

#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

/// Of /proc/self/status, in bytes.
uint64_t status(const std::string& name) {
  std::ifstream in("/proc/self/status");
  uint64_t number = 0;
  for (std::string word; in >> word;)
    if (word == name + ":") in >> number;
  return number * 1024;
}

/// By how much resident memory rises at most while `work` is done.
uint64_t peak_of(const std::function<void()>& work) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
  const uint64_t before = status("VmRSS");
  work();
  return status("VmHWM") - before;
}

class EstimateBytes : public testing::TestWithParam<std::tuple<const char*, Storage, transfer::Kind>> {};

TEST_P(EstimateBytes, IsWithinAQuarterOfThePeak) {
  const auto [name, storage, kind] = GetParam();
  graph::Graph graph = models::find(name).build(10, 224);
  rule::fill(graph);
  const transfer::Plan plan = transfer::plan(graph, {.kind = kind});
  TrainConfig config{.epochs = 1, .batch = 16, .lr = 1e-4, .storage = storage, .threads = 2};
  const Samples samples{std::vector<int>(16), [](uint64_t, std::span<const std::size_t>, std::span<float> out) { std::ranges::fill(out, 0.5F); }};
  const auto peak = static_cast<double>(peak_of([&] { train(graph, plan, config, samples, samples); }));
  const auto estimate = static_cast<double>(estimate_bytes(graph, plan, config));
  EXPECT_NEAR(estimate / peak, 1, 0.25) << "estimated " << estimate / 1e6 << " MB, peak " << peak / 1e6 << " MB";
}

INSTANTIATE_TEST_SUITE_P(OfTraining, EstimateBytes,
                         testing::Values(std::tuple("resnet18", Storage::bf16, transfer::Kind::full),
                                         std::tuple("mobilenet_v2", Storage::float32, transfer::Kind::full),
                                         std::tuple("resnet18", Storage::float32, transfer::Kind::partial)),
                         [](const auto& p) { return std::string(std::get<0>(p.param)) + "_" + std::string(to_string(std::get<2>(p.param))); });

/// Both domains' photos at once, and a discriminator beside the network.
TEST(EstimateOfBytes, OfAnAdaptationIsWithinAQuarterOfThePeak) {
  graph::Graph graph = models::find("resnet18").build(10, 224);
  rule::fill(graph);
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::partial});
  TrainConfig config{.epochs = 1, .batch = 16, .lr = 1e-4, .adapt = Adaptation::dann, .threads = 2};
  const Fill fill = [](uint64_t, std::span<const std::size_t>, std::span<float> out) { std::ranges::fill(out, 0.5F); };
  const auto peak = static_cast<double>(peak_of([&] { train::train(graph, plan, config, {{std::vector<int>(16), fill}, {}, {{16, fill}}}); }));
  const auto estimate = static_cast<double>(estimate_bytes(graph, plan, config));
  EXPECT_NEAR(estimate / peak, 1, 0.25) << "estimated " << estimate / 1e6 << " MB, peak " << peak / 1e6 << " MB";
}

TEST(EstimateOfBytes, GrowsWithWhatIsKept) {
  const graph::Graph graph = models::find("resnet18").build(10, 224);
  const auto bytes = [&](const TrainConfig& config, transfer::Kind kind = transfer::Kind::full) {
    return estimate_bytes(graph, transfer::plan(graph, {.kind = kind}), config);
  };
  const uint64_t values = 4 * static_cast<uint64_t>(graph::parameter_count(graph));
  EXPECT_EQ(bytes({.optimiser = OptimiserKind::adam}) - bytes({}), values);
  EXPECT_EQ(bytes({.ema = 0.9}) - bytes({}), values);
  EXPECT_EQ(bytes({.accumulate = 2}) - bytes({}), values);
  EXPECT_LT(bytes({}, transfer::Kind::partial), bytes({}) * 2 / 3);
  EXPECT_GT(bytes({.batch = 64}), bytes({}) * 3 / 2);
}

TEST(Memory, ThatIsNotThereIsToldBeforeWork) {
  const graph::Graph graph = models::find("vgg16").build(10, 224);
  Samples samples;
  samples.labels.resize(65536);
  samples.fill = [](uint64_t, std::span<const std::size_t>, std::span<float>) { FAIL(); };
  const std::string text = message_of([&] { train(graph, transfer::plan(graph, {.kind = transfer::Kind::full}), {.batch = 65536}, samples, {}); });
  EXPECT_TRUE(std::regex_match(text, std::regex(R"(training: needs about \d+\.\d TiB for --batch 65536, this machine has [\d.]+ [MGT]iB free; )"
                                                R"(choose a smaller --batch or --size, or fewer stages \(--strategy partial\))")))
      << text;
}

TEST(Memory, ThatRunsOutEndsClearly) {
  Samples samples = pictures(24, 1);
  const auto text_when = [&](const std::function<void()>& fail) {
    samples.fill = [&](uint64_t, std::span<const std::size_t>, std::span<float>) { fail(); };
    return message_of([&] { train(network(), plan_of(transfer::Kind::head), config_of(), samples, {}); });
  };
  const std::regex wanted(R"(training: needs about 40 MiB for --batch 8, this machine has .*)");
  for (const std::string& text : {text_when([] { throw std::bad_alloc(); }), text_when([] { at::empty({int64_t{1} << 60}, at::kByte); })})
    EXPECT_TRUE(std::regex_match(text, wanted)) << text;
}

TEST(Measure, TellsTimesAndLeavesTheGraphAlone) {
  const graph::Graph graph = network();
  const Cost cost = measure(graph, plan_of(transfer::Kind::full), config_of());
  EXPECT_GT(cost.step_seconds, 0);
  EXPECT_GT(cost.validation_seconds, 0);
  EXPECT_EQ(cost.bytes, estimate_bytes(graph, plan_of(transfer::Kind::full), config_of()));
  EXPECT_EQ(different(graph, network()), std::vector<std::string>{});
  TrainConfig adapting = config_of();
  adapting.adapt = Adaptation::cdan;
  EXPECT_GT(measure(graph, plan_of(transfer::Kind::full), adapting).step_seconds, 0) << "with made photos of the target, too";
  int filled = 0;
  Samples samples = pictures(24, 1);
  samples.fill = [&, fill = samples.fill](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    ++filled;
    fill(epoch, which, out);
  };
  const Streams streams{samples};
  measure(graph, plan_of(transfer::Kind::gradual), config_of(), &streams);
  EXPECT_GT(filled, 4);
}

}  // namespace
}  // namespace graft::train
