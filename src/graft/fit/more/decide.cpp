#include "graft/fit/more/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>

#include "graft/base/error.h"
#include "graft/base/quantity.h"
#include "graft/base/text.h"
#include "graft/fit/head/geometry.h"
#include "graft/fit/job/survey.h"
#include "graft/fit/more/race.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace {

constexpr std::size_t kHandful = 8;            // images of a class, of which a trial could hold out but 2
constexpr std::size_t kHandfulOfSeveral = 20;  // where photos have several classes, whose mistakes are not counted below
constexpr double kMistakes = 4;     // of the head on what a trial is judged on: with fewer not even a faultless model is better beyond doubt (90 %)
constexpr int kLastStages = 2;      // besides the head
constexpr double kSlower = 0.0003;  // a third of the learning rate of choose_recipe()

/// Stages below the head with parameters that graft can train.
int trainable_stages(const graph::Graph& graph) {
  std::vector<bool> trainable(graph.stages.size());
  for (const graph::Parameter& p : graph.parameters) trainable[static_cast<std::size_t>(p.stage)] = true;
  for (const graph::Node& node : graph.nodes)
    if (std::holds_alternative<graph::Foreign>(node.op)) trainable[static_cast<std::size_t>(node.stage)] = false;
  return static_cast<int>(std::count(trainable.begin(), trainable.end() - 1, true));
}

}  // namespace

std::string why_head(const Facts& f) {
  if (f.trainable_stages == 0) return "the network can only be used frozen";
  const std::string counts = fmt::format("{} photos in the smallest class", f.smallest_class);
  if (f.accuracy == 0) return counts + ", too few for cross-validation";
  const std::string found = f.several ? counts : fmt::format("{}, head alone {:.3f} +- {:.3f}", counts, f.accuracy, f.accuracy_error);
  const std::size_t handful = f.several ? kHandfulOfSeveral : kHandful;
  if (f.smallest_class < handful) return fmt::format("{}: fewer than {} per class", found, handful);
  const double mistakes = (1 - f.accuracy) * static_cast<double>(f.judged);
  if (!f.several && mistakes < kMistakes)
    return fmt::format("{}: about {:.0f} mistakes on the {} photos that a trial would be judged on, too few to show a difference", found, mistakes,
                       f.judged);
  return "";
}

std::vector<Contender> contenders(const Configured<FitConfig>& config, int trainable_stages) {
  const FitConfig& c = config.values;
  if (!c.plan.unfreeze.empty()) return {{transfer::Kind::partial, c.plan.unfreeze}};
  const auto open = [&](const char* option) { return c.budget && !origin_of(config.origins, option).given(); };
  std::vector<Contender> list{{transfer::Kind::full}};
  if (open("epochs")) list.push_back({.kind = transfer::Kind::full, .epochs = 3 * c.training.epochs});
  if (open("lr") && open("optimizer")) list.push_back({.kind = transfer::Kind::full, .lr = kSlower});
  if (trainable_stages > kLastStages) list.push_back({.kind = transfer::Kind::partial, .unfreeze = std::to_string(kLastStages), .spare = true});
  if (trainable_stages > 1 && c.budget) list.push_back({.kind = transfer::Kind::partial, .unfreeze = "1", .spare = true});
  return list;
}

std::optional<double> budget_of(const FitConfig& c) {
  if (!c.budget) return std::nullopt;
  if (const auto seconds = seconds_in(*c.budget)) return seconds;
  throw usage_error("--budget " + printable(*c.budget), "expected a time above 0 with the unit s, m or h", "for instance 10m");
}

void choose_strategy(Job& job, const Probe& probe, Start& start) {
  if (job.config.values.strategy) return;
  const Photos photos = readable(job.splits, start.unreadable);
  const Facts facts{.smallest_class = std::ranges::min(data::images_per_class(photos.train, job.splits.classes.size())),
                    .accuracy = probe.cv_accuracy,
                    .accuracy_error = std::sqrt(probe.cv_accuracy * (1 - probe.cv_accuracy) / static_cast<double>(probe.train.labels.size())),
                    .judged = judged_of(photos.train.size()),
                    .trainable_stages = trainable_stages(job.pretrained.graph),
                    .several = !data::one_class_each(job.splits.task)};
  std::string reason = why_head(facts);
  if (reason.empty() && !train::is_here()) {
    reason = "fine-tuning needs graft's training package, which is not installed";
    job.note("only a new head is trained, though fine-tuning may be more accurate: " + reason);
  }
  if (!reason.empty()) {
    choose(job.config, "strategy", transfer::Kind::head, reason);
    return;
  }
  choose_flips(job, start);
  const std::vector<Trial> trials = try_training(job, probe, photos, contenders(job.config, facts.trainable_stages));
  for (const Trial& trial : trials) start.phases.back()["trials"].push_back(to_json(trial));
  const auto best = best_of(trials);
  if (best == trials.end()) {
    const Trial& last = trials.back();
    choose(job.config, "strategy", transfer::Kind::head,
           fmt::format("more {}: {}", last.too_long ? "takes too long" : "does not pay", to_string(last)));
    return;
  }
  const Contender& taken = best->contender;
  const std::string reason_of_trial = to_string(*best);
  choose(job.config, "strategy", taken.kind, reason_of_trial);
  if (!taken.unfreeze.empty()) choose(job.config, "unfreeze", taken.unfreeze, reason_of_trial);
  if (taken.epochs) choose(job.config, "epochs", *taken.epochs, reason_of_trial);
  if (taken.lr) choose(job.config, "lr", *taken.lr, reason_of_trial);
}

}  // namespace graft::fit
