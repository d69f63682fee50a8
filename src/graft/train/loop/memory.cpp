// Memory that a training takes and that there is: the parts of cost.h without a step.
#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sys/resource.h>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/train/cost.h"
#include "graft/train/graph/executor.h"
#include "graft/train/terms/adversary.h"
#include "graft/train/terms/delta.h"

namespace graft::train {
namespace {

constexpr uint64_t kFixed = 40 << 20;  // libtorch's code and oneDNN's primitives, as measured beside what else is counted
constexpr double kTolerance = 1.25;    // of the estimate

/// Rows of a step: unlabeled photos go through the network beside the labeled ones.
uint64_t rows_of(const TrainConfig& config) {
  return static_cast<uint64_t>(config.batch) * (1 + config.streams() * static_cast<uint64_t>(config.per_labeled()));
}

uint64_t of_parameters(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config) {
  uint64_t all = 0, training = 0;
  for (const graph::Parameter& p : graph.parameters) {
    const auto bytes = static_cast<uint64_t>(graph::element_count(p.shape)) * sizeof(float);
    all += bytes;
    if (plan.stages[static_cast<std::size_t>(p.stage)].trains && !p.buffer) training += bytes;
  }
  const uint64_t optimiser = config.optimiser == OptimiserKind::sgd ? 1 : 2;
  const uint64_t copies = 1 + optimiser + 1 + (config.ema > 0 || config.swa > 0 ? 1 : 0) + (config.accumulate > 1 ? 1 : 0) +
                          (config.sam > 0 ? 1 : 0) + static_cast<uint64_t>(config.soup);  // gradients, moments, best
  return all + copies * training;
}

/// The source's network beside it: its weights, its forward pass, and what is compared, in both networks and as differences.
uint64_t of_delta(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config) {
  if (config.delta <= 0) return 0;
  const uint64_t element = config.storage == Storage::bf16 ? 2 : 4, batch = static_cast<uint64_t>(config.batch);
  uint64_t bytes = 0, largest = 0;
  for (const graph::Parameter& p : graph.parameters) bytes += static_cast<uint64_t>(graph::element_count(p.shape)) * sizeof(float);
  for (const graph::Node& node : graph.nodes) largest = std::max(largest, batch * static_cast<uint64_t>(graph::element_count(node.dims)) * element);
  for (const graph::Output& map : compared_maps(graph, plan))
    bytes +=
        batch * static_cast<uint64_t>(graph::element_count(graph.nodes[static_cast<std::size_t>(map.node)].dims)) * (2 * element + 3 * sizeof(float));
  return bytes + 3 * largest;
}

/// The discriminator beside it: its parameters, their gradients and moments, and what its layers give, there and back.
uint64_t of_rival(const graph::Graph& graph, const TrainConfig& config) {
  if (config.adapt != Adaptation::dann && config.adapt != Adaptation::cdan && config.adapt != Adaptation::confusion) return 0;
  const int64_t features = graph.nodes[graph::head_input(graph)].dims[0];
  const auto seen = static_cast<uint64_t>(config.adapt == Adaptation::cdan ? MultilinearMap(features, graph.output_dims()[0], 0).width() : features);
  const uint64_t width = kDiscriminatorWidth, copies = config.optimiser == OptimiserKind::sgd ? 3 : 4;
  return sizeof(float) * (copies * width * (seen + width) + 2 * rows_of(config) * (seen + 4 * width));
}

/// The executor's step played through without tensors.
class Rehearsal {
 public:
  Rehearsal(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, int views)
      : graph_(graph),
        element_(config.storage == Storage::bf16 ? 2 : 4),
        batch_(rows_of(config) * static_cast<uint64_t>(views)),
        plan_(liveness_of(graph, trains(plan), in_blocks(graph, type_of(config.storage), cpu(), {}))) {}

  /// The most that lives at once, and what an operator at work has besides its inputs and outputs: measured, as copies of the largest output.
  uint64_t peak() {
    uint64_t largest = 0;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (plan_.needs[i]) largest = std::max(largest, output(i));
    forward();
    backward();
    return peak_ + (element_ == sizeof(float) ? 3 : 1) * largest;
  }

 private:
  static std::vector<bool> trains(const transfer::Plan& plan) {
    std::vector<bool> stages;
    for (const transfer::StagePlan& stage : plan.stages) stages.push_back(stage.trains);
    return stages;
  }

  void forward() {
    const std::size_t count = graph_.nodes.size();
    std::vector<std::vector<std::size_t>> made(count + 1);
    for (std::size_t i = 0; i < count; ++i)
      if (plan_.made_at[i] >= 0) made[at(plan_.made_at[i])].push_back(i);
    take(batch_ * elements(0) * (element_ == sizeof(float) ? 0 : sizeof(float)));  // the pictures as they came
    for (std::size_t i = 0; i <= count; ++i) {
      for (const std::size_t output : made[i]) hold(output);
      if (i == count) break;
      take(more(i));
      work(i);
      for (const std::size_t done : plan_.done_at[i])
        if (!plan_.keeps[done]) release(done);
    }
  }

  void backward() {
    std::vector<uint64_t> gradients(graph_.nodes.size());  // by node: of its output
    for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
      if (plan_.needs[i] && !passes(i))
        for (const int input : graph_.nodes[i].inputs)
          if (const std::size_t to = source(at(input)); plan_.needs[at(input)] && gradients[to] == 0) take(gradients[to] = output(to));
      if (plan_.needs[i]) work(i);
      live_ -= gradients[i] + more(i);
      release(i);
    }
  }

  void take(uint64_t bytes) {
    live_ += bytes;
    peak_ = std::max(peak_, live_);
  }
  /// What an operator has while it is at it, where that is large: the probabilities of attention.
  void work(std::size_t i) {
    const auto* attention = std::get_if<graph::Attention>(&graph_.nodes[i].op);
    if (attention == nullptr) return;
    const auto tokens = static_cast<uint64_t>(graph_.nodes[i].dims[0]);
    const uint64_t bytes = batch_ * static_cast<uint64_t>(attention->heads) * tokens * tokens * element_;
    take(bytes);
    live_ -= bytes;
  }
  /// Memory is there as long as one of those that share it.
  void hold(std::size_t i) {
    held_[i] = true;
    if (sharers_[at(plan_.owner[i])]++ == 0) take(output(at(plan_.owner[i])));
  }
  void release(std::size_t i) {
    if (!held_[i]) return;
    held_[i] = false;
    if (--sharers_[at(plan_.owner[i])] == 0) live_ -= output(at(plan_.owner[i]));
  }

  static std::size_t at(int node) { return static_cast<std::size_t>(node); }
  uint64_t elements(std::size_t node) const { return static_cast<uint64_t>(graph::element_count(graph_.nodes[node].dims)); }
  uint64_t output(std::size_t i) const { return batch_ * elements(i) * element_; }

  /// Batch norms, and activations that are computed with what stands before them: gradients go through.
  bool passes(std::size_t i) const {
    const graph::Node& node = graph_.nodes[i];
    return std::holds_alternative<graph::BatchNorm>(node.op) || plan_.fused[at(node.inputs[0])] == static_cast<int>(i);
  }
  std::size_t source(std::size_t i) const { return i > 0 && passes(i) ? source(at(graph_.nodes[i].inputs[0])) : i; }

  /// What backward needs besides inputs and outputs: places of maxima, masks.
  uint64_t more(std::size_t i) const {
    if (!plan_.needs[i]) return 0;
    const graph::Operator& op = graph_.nodes[i].op;
    if (std::holds_alternative<graph::MaxPool>(op)) return batch_ * elements(i) * sizeof(int64_t);
    if (const auto* dropout = std::get_if<graph::Dropout>(&op)) return batch_ * (dropout->whole ? 1 : elements(i)) * element_;
    return 0;
  }

  const graph::Graph& graph_;
  uint64_t element_, batch_;
  Liveness plan_;
  std::vector<bool> held_ = std::vector<bool>(graph_.nodes.size());
  std::vector<int> sharers_ = std::vector<int>(graph_.nodes.size());  // by the node whose memory it is
  uint64_t live_ = 0, peak_ = 0;
};

/// The first number in the line of that name, in bytes; 0 where there is none.
uint64_t kilobytes_in(const char* file, std::string_view name) {
  std::ifstream in(file);
  for (std::string word; in >> word;)
    if (uint64_t number = 0; word == name && in >> number) return number * 1024;
  return 0;
}

uint64_t number_in_file(const char* file, uint64_t otherwise) {
  std::ifstream in(file);
  uint64_t number = otherwise;
  return in >> number ? number : otherwise;  // "max": no limit
}

uint64_t left_of(uint64_t limit, uint64_t used) { return limit > used ? limit - used : 0; }

}  // namespace

uint64_t estimate_bytes(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, int views) {
  return kFixed + of_parameters(graph, plan, config) + of_delta(graph, plan, config) + of_rival(graph, config) +
         Rehearsal(graph, plan, config, views).peak();
}

uint64_t free_bytes() {
  constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
  uint64_t bytes = kilobytes_in("/proc/meminfo", "MemAvailable:") + kilobytes_in("/proc/meminfo", "SwapFree:");
  const uint64_t group = number_in_file("/sys/fs/cgroup/memory.max", kNoLimit);
  if (group != kNoLimit) bytes = std::min(bytes, left_of(group, number_in_file("/sys/fs/cgroup/memory.current", 0)));
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    bytes = std::min(bytes, left_of(space.rlim_cur, kilobytes_in("/proc/self/status", "VmSize:")));
  return bytes;
}

void with_enough_memory(const MemoryNeed& need, const std::function<void()>& work) {
  const auto too_little = [&] {
    return data_error(need.subject,
                      fmt::format("needs about {} {}, this machine has {} free", human_bytes(need.bytes), need.asked, human_bytes(free_bytes())),
                      need.hint);
  };
  if (static_cast<double>(need.bytes) > kTolerance * static_cast<double>(free_bytes())) throw too_little();
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw too_little();
  } catch (const c10::Error& error) {  // ATen has no class of its own for a failed allocation
    if (std::string_view(error.what()).find("can't allocate memory") == std::string_view::npos) throw;
    throw too_little();
  }
}

void with_enough_memory(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const std::function<void()>& work) {
  with_enough_memory({estimate_bytes(graph, plan, config), "training", fmt::format("for --batch {}", config.batch),
                      "choose a smaller --batch or --size, or fewer stages (--strategy partial)"},
                     work);
}

}  // namespace graft::train
