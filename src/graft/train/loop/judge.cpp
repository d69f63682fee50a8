#include "graft/train/loop/judge.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "graft/eval/scores.h"

namespace graft::train {
namespace {

double cost_of(const EpochRecord& epoch, const TrainConfig& config) { return cost_of(config, epoch.val_loss, epoch.val_accuracy, epoch.scores); }

/// Of equal ones the lower loss.
bool better(const EpochRecord& a, const EpochRecord& b, const TrainConfig& config) {
  const double cost = cost_of(a, config), least = cost_of(b, config);
  return cost < least || (cost == least && a.val_loss < b.val_loss);
}

}  // namespace

double cost_of(const TrainConfig& config, double loss, double accuracy, const std::map<std::string, double>& scores) {
  const std::string score = config.stop_score();
  if (score == "log-loss") return loss;
  if (score == "accuracy") return -accuracy;
  const auto found = scores.find(score);
  if (found == scores.end()) return INFINITY;
  if (score == kInformation) return -found->second;
  return eval::score_named(score).higher_is_better ? -found->second : found->second;
}

std::vector<int> best_epochs(std::span<const EpochRecord> history, const TrainConfig& config, std::size_t most) {
  std::vector<int> epochs(history.size());
  std::iota(epochs.begin(), epochs.end(), 0);
  std::ranges::stable_sort(epochs,
                           [&](int a, int b) { return better(history[static_cast<std::size_t>(a)], history[static_cast<std::size_t>(b)], config); });
  epochs.resize(std::min(most, epochs.size()));
  return epochs;
}

Verdict judge(std::span<const EpochRecord> history, const TrainConfig& config) {
  Verdict verdict;
  double to_beat = 0;
  int plateau = 0;
  for (std::size_t e = 0; e < history.size(); ++e) {
    const double cost = cost_of(history[e], config);
    if (e == 0) {
      verdict.best_epoch = 0;
      to_beat = cost;
      continue;
    }
    if (better(history[e], history[static_cast<std::size_t>(verdict.best_epoch)], config)) verdict.best_epoch = static_cast<int>(e);
    ++verdict.waited;
    ++plateau;
    if (cost < to_beat - config.min_delta) {
      to_beat = cost;
      verdict.waited = plateau = 0;
    }
    if (config.schedule.kind == transfer::ScheduleKind::plateau && plateau >= config.schedule.plateau_patience) {
      verdict.lr_factor *= config.schedule.gamma;
      plateau = 0;
    }
  }
  return verdict;
}

}  // namespace graft::train
