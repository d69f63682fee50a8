#include "graft/fit/more/beginning.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"

namespace graft::fit {

namespace {

/// Kumar et al. (2022) begin from a solved layer. From random values at a tenfold rate, with live batch norm, it comes as far or further where there are
/// steps enough to mend what that disturbs; where there are not, it ends far below the head (docs/ablations.md).
void choose_beginning(Job& job, const std::string& otherwise) {
  const FitConfig& c = job.config.values;
  const std::size_t steps = steps_of(c, job.splits.train.size());
  const bool solvable = c.hidden.empty() && c.pool == Pool::average && c.plan.batch_norm != transfer::BatchNormMode::live;
  if (steps >= kFewSteps || !solvable) {
    choose(job.config, "begin", Beginning::random, otherwise);
  } else {
    const std::string reason =
        fmt::format("{} steps are fewer than {}: too few to repair the damage that a random layer and live batch norm do", steps, kFewSteps);
    choose(job.config, "begin", Beginning::solved, reason);
    if (c.begin == Beginning::solved) choose(job.config, "batch-norm", transfer::BatchNormMode::fixed, reason);
  }
  if (c.begin == Beginning::random) choose(job.config, "head-lr", 10.0, otherwise);
}

void choose_fine_tuning(Job& job) {
  const FitConfig& c = job.config.values;
  const std::string reason = "the best recipe for fine-tuning (graft help ablations)";
  choose(job.config, "optimizer", train::OptimiserKind::adamw, reason);
  choose(job.config, "lr", 0.001, reason);
  choose(job.config, "weight-decay", 0.01, reason);
  choose(job.config, "schedule", transfer::ScheduleKind::one_cycle, reason);
  if (c.unlabeled.folder) choose(job.config, "label-smoothing", 0.0, "with it, answers would hardly become as sure as --sure");
  else if (c.training.loss == train::LossKind::cross_entropy && data::one_class_each(job.splits.task))
    choose(job.config, "label-smoothing", 0.1, reason);
  choose_beginning(job, reason);
}

/// With an optimiser of the user's own.
void choose_plain(Job& job) {
  const transfer::Plan plan = plan_of(job.config, with_new_layer(job));
  const bool live = std::ranges::any_of(plan.stages, &transfer::StagePlan::batch_norm_live);
  choose(job.config, "begin", live ? Beginning::zero : Beginning::solved, live ? "batch norm is live" : "batch norm is fixed");
  choose(job.config, "lr", live ? 0.01 : 0.001, live ? "batch norm is live" : "batch norm is fixed");
}

/// Of an adaptation, about. SHOT learns the source first and then the target, each with so many; the others see both domains at once.
constexpr std::size_t kUpdatesOfFeatures = 2000, kUpdates = 600, kUpdatesOfShot = 200;
constexpr int kFewestEpochs = 10, kMostEpochs = 100, kFewestEpochsOfShot = 5, kMostEpochsBelow = 30;

/// What is new learns ten times as fast as what is pretrained (Long et al. 2015; tllib).
void choose_adapting(Job& job) {
  const FitConfig& c = job.config.values;
  const bool head = c.strategy == transfer::Kind::head;
  if (head) choose(job.config, "augment", data::AugmentPreset::none, "the frozen network sees each photo once");
  choose(job.config, "lr", head ? 0.01 : 0.001, head ? "what is new alone trains" : "of what is pretrained");
  if (!head && !c.adapt.alone) choose(job.config, "head-lr", 10.0, "what is new learns ten times as fast");
  if (c.adapt.training() == train::Adaptation::shot && !c.adapt.alone)
    choose(job.config, "label-smoothing", 0.1, "of the source, as SHOT's authors have it");
  const bool shot = c.adapt.training() == train::Adaptation::shot && !head;
  const std::size_t updates = head ? kUpdatesOfFeatures : shot ? kUpdatesOfShot : kUpdates;
  const std::size_t photos = c.adapt.alone ? job.target.size() : job.splits.train.size();
  const auto epochs = static_cast<int>(updates * static_cast<std::size_t>(c.training.batch) / std::max<std::size_t>(photos, 1));
  choose(job.config, "epochs", std::clamp(epochs, shot ? kFewestEpochsOfShot : kFewestEpochs, head ? kMostEpochs : kMostEpochsBelow),
         fmt::format("about {} steps", updates));
}

}  // namespace

std::size_t steps_of(const FitConfig& c, std::size_t photos) {
  const auto batch = static_cast<std::size_t>(c.training.batch);
  return (photos + batch - 1) / batch * static_cast<std::size_t>(c.training.epochs);
}

void choose_recipe(Job& job) {
  const FitConfig& c = job.config.values;
  if (c.adapt.asked) return choose_adapting(job);
  if (c.strategy == transfer::Kind::head) {
    choose(job.config, "begin", Beginning::random, "--solver steps");
    choose(job.config, "lr", 0.01, "the new layer alone trains");
  }
  if (!c.hidden.empty() || c.pool == Pool::flatten)
    choose(job.config, "begin", Beginning::random, "only a linear layer on averaged features is solved");
  const bool tunes = c.strategy != transfer::Kind::head && c.strategy != transfer::Kind::scratch;
  if (tunes && !origin_of(job.config.origins, "optimizer").given()) choose_fine_tuning(job);
  else choose_plain(job);
}

head::LinearHead zero_head(const Job& job) {
  const graph::Graph network = with_new_layer(job);
  const graph::Dims& shape = network.parameters[static_cast<std::size_t>(network.nodes[network.output()].parameters[0])].shape;
  const auto classes = static_cast<std::size_t>(shape[0]), width = static_cast<std::size_t>(shape[1]);
  return {std::vector<float>(classes * width), std::vector<float>(classes), classes, width};
}

}  // namespace graft::fit
