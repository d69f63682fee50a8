// train_step NETWORK [--storage bf16|float32] [--batch N] [--from STAGE] [--fixed] [--steps N] [--threads N] [--aten] [--profile]: images a second of
// training steps (forward, backward, SGD) on made pictures of 224x224: best, median and what the CPU time alone would allow (others may be using the
// machine), page faults a step and the peak of memory. --from trains the network's end on made features; --fixed keeps batch norm's statistics; --aten
// leaves bf16 convolutions to ATen. Weights by rule, so nothing is downloaded. One JSON line, behind it with --profile the operators.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include "graft/train/compute/parallel.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include "graft/base/error.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/optimiser.h"
#include "graft/transfer/groups.h"
#include "models/rule.h"

namespace {

using namespace graft;

struct Options {
  std::string network, from;
  at::ScalarType storage = at::kBFloat16;
  int64_t batch = 32;
  int steps = 7, threads = 2;
  bool live = true, profile = false, products = true;
};

Options options_of(int count, char** argument) {
  Options o;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = argument[i];
    const auto value = [&] {
      if (i + 1 == count) throw usage_error("train_step", "a value behind " + std::string(name) + " is missing");
      return std::string(argument[++i]);
    };
    if (name == "--storage") o.storage = value() == "bf16" ? at::kBFloat16 : at::kFloat;
    else if (name == "--batch") o.batch = std::stoll(value());
    else if (name == "--from") o.from = value();
    else if (name == "--steps") o.steps = std::stoi(value());
    else if (name == "--threads") o.threads = std::stoi(value());
    else if (name == "--fixed") o.live = false;
    else if (name == "--aten") o.products = false;
    else if (name == "--profile") o.profile = true;
    else o.network = name;
  }
  if (o.network.empty() || o.steps < 1) throw usage_error("train_step", "no network", "see the top of bench/train_step.cpp");
  return o;
}

at::Tensor made_input(const graph::Dims& d, int64_t batch) {
  if (d.size() == 3) return at::randn({batch, d[1], d[2], d[0]});
  return d.size() == 2 ? at::randn({batch, d[0], d[1]}) : at::randn({batch, d[0]});
}

rusage usage() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now;
}
double cpu_seconds(const rusage& u) {
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

void run(const Options& o) {
  train::set_threads(o.threads);
  graph::Graph graph = models::find(o.network).build(2, 224);
  rule::fill(graph);
  if (!o.from.empty()) graph = graph::split(graph, o.from).second;
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::full});
  train::TrainConfig config;
  config.lr = 1e-4;
  train::Executor executor(graph, o.storage);
  if (!o.products) executor.set_ways(train::every_way(graph, train::kAten));
  executor.set_modes(std::vector<train::StageMode>(graph.stages.size(), {true, o.live}));
  train::Optimiser optimiser(config, transfer::groups(graph, plan), executor);
  const at::Tensor input = made_input(graph.input_dims(), o.batch), labels = at::arange(o.batch, at::kLong).remainder(2);
  std::vector<double> seconds;
  int64_t faults = 0;
  double cpu = 0;
  for (int i = -1; i < o.steps; ++i) {
    executor.profile = o.profile && i >= 0;
    const rusage before = usage();
    const auto start = std::chrono::steady_clock::now();
    at::Tensor p = at::softmax(executor.forward(input, {1, static_cast<uint64_t>(i + 1)}).at(graph::kLogits), 1);
    p.scatter_add_(1, labels.unsqueeze(1), at::full({o.batch, 1}, -1.0));
    executor.backward({{graph::kLogits, p / o.batch}});
    optimiser.step(1e-4, 0);
    if (i < 0) continue;  // the first step finds memory and code
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    const rusage after = usage();
    faults += after.ru_minflt - before.ru_minflt;
    cpu += cpu_seconds(after) - cpu_seconds(before);
  }
  std::ranges::sort(seconds);
  const auto n = static_cast<double>(o.batch);
  fmt::print(
      "{{\"network\": \"{}\", \"from\": \"{}\", \"best\": {:.1f}, \"median\": {:.1f}, \"by_cpu_time\": {:.1f}, \"faults\": {}, \"peak_mb\": {}}}\n",
      o.network, o.from, n / seconds.front(), n / seconds[seconds.size() / 2], n * o.steps * o.threads / cpu, faults / o.steps,
      usage().ru_maxrss / 1024);
  for (const train::OperatorTime& t : executor.times())
    fmt::print("{:8.2f} ms {:4} x  {}{}\n", 1e3 * t.seconds / o.steps, t.calls / o.steps, t.what, t.kernel.empty() ? "" : " [" + t.kernel + "]");
}

}  // namespace

int main(int count, char** argument) {
  try {
    run(options_of(count, argument));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
