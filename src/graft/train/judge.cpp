#include "graft/train/judge.h"

#include <cstddef>

namespace graft::train {
namespace {

/// Lower is better.
double cost_of(const EpochRecord& epoch, StopMetric metric) { return metric == StopMetric::val_loss ? epoch.val_loss : -epoch.val_accuracy; }

}  // namespace

Verdict judge(std::span<const EpochRecord> history, const TrainConfig& config) {
  Verdict verdict;
  double to_beat = 0;
  int plateau = 0;
  for (std::size_t e = 0; e < history.size(); ++e) {
    const double cost = cost_of(history[e], config.stop_metric);
    if (e == 0) {
      verdict.best_epoch = 0;
      to_beat = cost;
      continue;
    }
    const EpochRecord& best = history[static_cast<std::size_t>(verdict.best_epoch)];
    const double least = cost_of(best, config.stop_metric);
    if (cost < least || (cost == least && history[e].val_loss < best.val_loss)) verdict.best_epoch = static_cast<int>(e);
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
