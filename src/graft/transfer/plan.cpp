#include "graft/transfer/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/graph/bottleneck.h"

namespace graft::transfer {
namespace {

void check(const char* name, double value, bool right, const char* expected) {
  if (!right) throw usage_error(fmt::format("{} {}", name, value), std::string("expected ") + expected);
}

void check(const Strategy& s) {
  check("every", s.every, s.every >= 1, "at least 1 epoch");
  check("lr_decay", s.lr_decay, s.lr_decay > 0 && s.lr_decay <= 1, "above 0 and at most 1");
  check("head_lr", s.head_lr, s.head_lr > 0 && std::isfinite(s.head_lr), "above 0");
  check("weight_decay", s.weight_decay, s.weight_decay >= 0 && std::isfinite(s.weight_decay), "at least 0");
  if (!s.unfreeze.empty() && s.kind != Kind::partial && s.kind != Kind::gradual)
    throw usage_error("unfreeze '" + printable(s.unfreeze) + "'",
                      fmt::format("the strategy {} trains {}", to_string(s.kind), s.kind == Kind::head ? "the head alone" : "every stage"),
                      "choose partial or gradual");
  if (s.kind == Kind::scratch && s.batch_norm == BatchNormMode::fixed)
    throw usage_error("scratch", "a network with random weights has no statistics to keep fixed", "choose --batch-norm live");
}

struct Content {
  bool parameters = false, batch_norm = false;
};

std::vector<Content> contents_of(const graph::Graph& graph) {
  std::vector<Content> contents(graph.stages.size());
  for (const graph::Parameter& p : graph.parameters)
    if (!p.buffer) contents[static_cast<std::size_t>(p.stage)].parameters = true;
  for (const graph::Node& n : graph.nodes)
    if (std::holds_alternative<graph::BatchNorm>(n.op)) contents[static_cast<std::size_t>(n.stage)].batch_norm = true;
  return contents;
}

/// Stages besides those that are new that have parameters, the nearest to the head first.
std::vector<int> below_head(const graph::Graph& graph, const std::vector<Content>& contents) {
  std::vector<int> stages;
  for (int s = graph::first_new_stage(graph) - 1; s >= 0; --s)
    if (contents[static_cast<std::size_t>(s)].parameters) stages.push_back(s);
  return stages;
}

/// The lowest of the last `text` stages besides the head; -1 where the text is no whole number.
int stage_by_number(const graph::Graph& graph, const std::vector<int>& below, const std::string& text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return -1;
  std::size_t number = 0;
  const bool fits = std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
  if (!fits || number < 1 || number > below.size())
    throw usage_error(fmt::format("unfreeze '{}'", text),
                      fmt::format("{} has {} stages besides its head, expected 1 to {} or the name of one", graph.name, below.size(), below.size()),
                      fits && number == 0 ? "the strategy head trains the head alone" : "");
  return below[number - 1];
}

/// The lowest stage that is to train.
int lowest_stage(const graph::Graph& graph, const Strategy& s, const std::vector<int>& below) {
  const int head = static_cast<int>(graph.stages.size()) - 1;
  if (s.kind == Kind::head) return head;
  if (s.kind == Kind::full || s.kind == Kind::scratch) return 0;
  if (s.unfreeze.empty()) {
    if (below.empty()) return head;
    return s.kind == Kind::partial ? below.front() : below.back();
  }
  const bool named = std::find(graph.stages.begin(), graph.stages.end(), s.unfreeze) != graph.stages.end();
  const int numbered = named ? -1 : stage_by_number(graph, below, s.unfreeze);
  return numbered >= 0 ? numbered : graph.stage(s.unfreeze);
}

}  // namespace

Plan plan(const graph::Graph& graph, const Strategy& strategy, int epochs) {
  check(strategy);
  const std::vector<Content> contents = contents_of(graph);
  const std::vector<int> below = below_head(graph, contents);
  const int head = static_cast<int>(graph.stages.size()) - 1, lowest = lowest_stage(graph, strategy, below);
  const bool all_at_once = strategy.kind == Kind::full || strategy.kind == Kind::scratch;
  const bool live = strategy.batch_norm == BatchNormMode::live || (strategy.batch_norm == BatchNormMode::automatic && all_at_once);

  Plan plan{.strategy = strategy, .first_trainable = -1};
  for (const std::string& name : graph.stages) plan.stages.push_back({.name = name});
  int started = 0;
  const auto unfreeze = [&](int stage, double lr_scale) {  // called from the head down
    const auto at = static_cast<std::size_t>(stage);
    const int begins = strategy.kind == Kind::gradual ? strategy.every * started++ : 0;
    if (begins >= epochs) return;
    plan.stages[at] = {.name = graph.stages[at],
                       .trains = true,
                       .unfreezes_at = begins,
                       .batch_norm_live = live && contents[at].batch_norm,
                       .lr_scale = lr_scale};
    plan.first_trainable = stage;
  };
  if (contents.back().parameters) unfreeze(head, strategy.head_lr);
  if (const int bottleneck = graph::first_new_stage(graph); bottleneck < head) {
    started = 0;  // it begins with the head
    unfreeze(bottleneck, strategy.head_lr);
    plan.stages[static_cast<std::size_t>(bottleneck)].batch_norm_live = true;  // it has no statistics that could stay
  }
  double lr_scale = 1;
  for (const int stage : below)
    if (stage >= lowest) unfreeze(stage, lr_scale *= strategy.lr_decay);
  if (plan.first_trainable < 0)
    throw usage_error(graph.name,
                      fmt::format("the strategy {} trains nothing: no parameters from the stage '{}' on", to_string(strategy.kind),
                                  graph.stages[static_cast<std::size_t>(lowest)]),
                      below.empty() ? "" : "train from '" + graph.stages[static_cast<std::size_t>(below.front())] + "' on");
  return plan;
}

Plan with_frozen_head(Plan plan) {
  StagePlan& head = plan.stages.back();
  head = {.name = head.name};
  const auto trains = std::ranges::find_if(plan.stages, [](const StagePlan& stage) { return stage.trains && stage.unfreezes_at == 0; });
  if (trains == plan.stages.end())
    throw usage_error(fmt::format("strategy {}", to_string(plan.strategy.kind)), "begins with the head alone, and that is to stay as it is",
                      "choose partial or full");
  plan.first_trainable = static_cast<int>(trains - plan.stages.begin());
  return plan;
}

int first_trainable_at(const Plan& plan, int epoch) {
  int stage = plan.first_trainable;
  while (!plan.stages[static_cast<std::size_t>(stage)].trains || plan.stages[static_cast<std::size_t>(stage)].unfreezes_at > epoch) ++stage;
  return stage;
}

}  // namespace graft::transfer
