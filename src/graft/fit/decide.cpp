#include "graft/fit/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>

#include "graft/base/error.h"
#include "graft/fit/survey.h"
#include "graft/fit/trial.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace {

constexpr std::size_t kHandful = 20;    // images of a class, of which a trial could hold out but 5
constexpr std::size_t kMany = 200;      // images of every class from which on fine-tuning beat the head alone (bench/README.md)
constexpr double kNearlyAlways = 0.99;  // accuracy of the head
constexpr int kLastStages = 2;          // besides the head

/// Stages below the head with parameters that graft can train.
int trainable_stages(const graph::Graph& graph) {
  std::vector<bool> trainable(graph.stages.size());
  for (const graph::Parameter& p : graph.parameters) trainable[static_cast<std::size_t>(p.stage)] = true;
  for (const graph::Node& node : graph.nodes)
    if (std::holds_alternative<graph::Foreign>(node.op)) trainable[static_cast<std::size_t>(node.stage)] = false;
  return static_cast<int>(std::count(trainable.begin(), trainable.end() - 1, true));
}

/// Whether training of more than the head is installed.
bool can_train() {
  try {
    train::library();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

Decision decide(const Facts& f) {
  if (f.trainable_stages == 0) return {transfer::Kind::head, "", "the network can only be used frozen"};
  const std::string counts = fmt::format("{} images in the smallest class", f.smallest_class);
  if (f.accuracy == 0) return {transfer::Kind::head, "", counts + ", too few for cross-validation"};
  const std::string found = f.several ? counts : fmt::format("{}, head alone {:.3f} +- {:.3f}", counts, f.accuracy, f.accuracy_error);
  if (!f.several && f.accuracy >= kNearlyAlways) return {transfer::Kind::head, "", found + ": nothing to gain"};
  if (f.smallest_class < kHandful) return {transfer::Kind::head, "", fmt::format("{}: fewer than {} a class", found, kHandful)};
  const bool open = f.several || f.smallest_class < kMany;
  if (f.far) return {transfer::Kind::full, "", found + ", early stages tell most: far from the photos it was trained on", open};
  return {transfer::Kind::partial, std::to_string(std::min(f.trainable_stages, kLastStages)), found + ", the last features tell most", open};
}

void choose_strategy(Job& job, const Probe& probe, Start& start) {
  if (job.config.values.strategy) return;
  const Photos photos = readable(job.splits, start.unreadable);
  const std::size_t smallest = std::ranges::min(data::images_per_class(photos.train, job.splits.classes.size()));
  Decision decision =
      decide({.smallest_class = smallest,
              .accuracy = probe.cv_accuracy,
              .accuracy_error = std::sqrt(probe.cv_accuracy * (1 - probe.cv_accuracy) / static_cast<double>(probe.train.labels.size())),
              .far = probe.input.every_stage,
              .trainable_stages = trainable_stages(job.pretrained.graph),
              .several = job.splits.multi_label});
  if (decision.kind != transfer::Kind::head && !can_train()) {
    decision = {transfer::Kind::head, "", decision.reason + "; but more needs libgraft_train.so, which is not here"};
  } else if (decision.to_be_tried) {
    const Trial trial = try_training(job, probe, photos, decision);
    start.phases.back()["trial"] = to_json(trial);
    if (!trial.pays()) decision = {.kind = transfer::Kind::head};
    decision.reason = fmt::format("{} images in the smallest class; {}", smallest, to_string(trial));
  }
  choose(job.config, "strategy", decision.kind, decision.reason);
  if (!decision.unfreeze.empty()) choose(job.config, "unfreeze", decision.unfreeze, decision.reason);
}

}  // namespace graft::fit
