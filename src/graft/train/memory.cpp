// Memory that a training takes and that there is: the parts of cost.h without a step.
#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <sys/resource.h>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/train/cost.h"
#include "graft/train/graph/operators.h"
#include "graft/train/terms/delta.h"

namespace graft::train {
namespace {

constexpr uint64_t kFixed = 112 << 20;  // libtorch's code and oneDNN's primitives, as measured
constexpr double kTolerance = 1.25;     // of the estimate

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

/// The executor's step played through without tensors: which outputs live when.
class Rehearsal {
 public:
  Rehearsal(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config)
      : graph_(graph),
        element_(config.storage == Storage::bf16 ? 2 : 4),
        batch_(static_cast<uint64_t>(config.batch)),
        needs_(graph.nodes.size()),
        keeps_(graph.nodes.size()),
        readers_(graph.nodes.size()),
        last_reader_(graph.nodes.size()) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const graph::Node& node = graph.nodes[i];
      needs_[i] = plan.stages[static_cast<std::size_t>(node.stage)].trains && !node.parameters.empty();
      for (const int from : node.inputs) {
        needs_[i] = needs_[i] || needs_[at(from)];
        ++readers_[at(from)];
        last_reader_[at(from)] = i;
      }
    }
    for (const graph::Output& output : graph.named_outputs()) {
      ++readers_[at(output.node)];
      last_reader_[at(output.node)] = graph.nodes.size();
    }
    for (std::size_t i = graph.nodes.size(); i-- > 1;) {
      const graph::Node& node = graph.nodes[i];
      if (needs_[i] && std::visit(BackwardReads{true}, node.op)) keeps_[i] = true;
      if (passes(i)) last_reader_[at(node.inputs[0])] = std::max(last_reader_[at(node.inputs[0])], last_reader_[i]);
      for (const int from : node.inputs)
        if ((needs_[i] && std::visit(BackwardReads{false}, node.op)) || (passes(i) && keeps_[i])) keeps_[at(from)] = true;
    }
  }

  /// The most that lives at once, and what an operator at work has besides its inputs and outputs: measured, as copies of the largest output.
  uint64_t peak() const {
    uint64_t largest = 0;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (needs_[i]) largest = std::max(largest, output(i));
    return most_at_once() + (element_ == sizeof(float) ? 3 : 1) * largest;
  }

 private:
  uint64_t most_at_once() const {
    std::vector<uint64_t> held(graph_.nodes.size());       // by node: its output and what else it keeps
    std::vector<uint64_t> gradients(graph_.nodes.size());  // by node: of its output
    uint64_t live = 0, peak = 0;
    const auto take = [&](uint64_t& slot, uint64_t bytes) {
      slot += bytes;
      live += bytes;
      peak = std::max(peak, live);
    };
    const auto drop = [&](uint64_t& slot) { live -= std::exchange(slot, 0); };
    take(held[0], batch_ * count(0) * (sizeof(float) + element_));
    for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
      take(held[i], output(i) + more(i));
      for (std::size_t from = 1; from < i; ++from)
        if (last_reader_[from] == i && !keeps_[from]) drop(held[from]);
    }
    for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
      if (needs_[i] && !passes(i))
        for (const int input : graph_.nodes[i].inputs)
          if (const std::size_t to = stored(at(input)); needs_[at(input)] && gradients[to] == 0) take(gradients[to], output(to));
      drop(gradients[i]);
      drop(held[i]);
    }
    return peak;
  }

  static std::size_t at(int node) { return static_cast<std::size_t>(node); }
  uint64_t count(std::size_t node) const { return static_cast<uint64_t>(graph::element_count(graph_.nodes[node].dims)); }

  /// Computed from its input wherever it is read, and not stored: a batch norm, and an activation that goes with it.
  bool passes(std::size_t i) const {
    const graph::Node& node = graph_.nodes[i];
    if (std::holds_alternative<graph::BatchNorm>(node.op)) return true;
    const auto* a = std::get_if<graph::Activation>(&node.op);
    return a != nullptr && readers_[at(node.inputs[0])] == 1 && shape_of(a->function) && !std::holds_alternative<graph::Input>(from(i).op) &&
           (std::holds_alternative<graph::BatchNorm>(from(i).op) || std::holds_alternative<graph::Add>(from(i).op));
  }
  const graph::Node& from(std::size_t i) const { return graph_.nodes[at(graph_.nodes[i].inputs[0])]; }

  /// The node whose output this one is computed from where it is read, perhaps itself.
  std::size_t stored(std::size_t i) const { return passes(i) ? stored(at(graph_.nodes[i].inputs[0])) : i; }

  uint64_t output(std::size_t i) const { return passes(i) ? 0 : batch_ * count(i) * element_; }

  /// What backward needs besides inputs and outputs: places of maxima, masks, the probabilities of attention.
  uint64_t more(std::size_t i) const {
    if (!needs_[i]) return 0;
    const graph::Operator& op = graph_.nodes[i].op;
    if (std::holds_alternative<graph::MaxPool>(op)) return batch_ * count(i) * sizeof(int64_t);
    if (const auto* dropout = std::get_if<graph::Dropout>(&op)) return batch_ * (dropout->whole ? 1 : count(i)) * element_;
    if (const auto* attention = std::get_if<graph::Attention>(&op)) {
      const auto tokens = static_cast<uint64_t>(graph_.nodes[i].dims[0]);
      return batch_ * static_cast<uint64_t>(attention->heads) * tokens * tokens * element_;
    }
    return 0;
  }

  const graph::Graph& graph_;
  uint64_t element_, batch_;
  std::vector<bool> needs_, keeps_;
  std::vector<int> readers_;
  std::vector<std::size_t> last_reader_;
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

Error out_of_memory(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config) {
  return data_error("training",
                    fmt::format("needs about {} for --batch {}, this machine has {} free", human_bytes(estimate_bytes(graph, plan, config)),
                                config.batch, human_bytes(free_bytes())),
                    "choose a smaller --batch or --size, or fewer stages (--strategy partial)");
}

}  // namespace

uint64_t estimate_bytes(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config) {
  return kFixed + of_parameters(graph, plan, config) + of_delta(graph, plan, config) + Rehearsal(graph, plan, config).peak();
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

void with_enough_memory(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const std::function<void()>& work) {
  if (static_cast<double>(estimate_bytes(graph, plan, config)) > kTolerance * static_cast<double>(free_bytes()))
    throw out_of_memory(graph, plan, config);
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw out_of_memory(graph, plan, config);
  } catch (const c10::Error& error) {  // ATen has no class of its own for a failed allocation
    if (std::string_view(error.what()).find("can't allocate memory") == std::string_view::npos) throw;
    throw out_of_memory(graph, plan, config);
  }
}

}  // namespace graft::train
