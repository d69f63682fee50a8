// The loop of trainings other than train(): epochs of steps, progress, checkpoints, and what a network has in these.
#pragma once

#include <functional>
#include <string>

#include "graft/train/loop/checkpoint.h"
#include "graft/train/loop/optimiser.h"
#include "graft/transfer/plan.h"

namespace graft::train {

/// A network with its optimizer. The executor must outlive it.
struct Player {
  std::string name;  // in checkpoints
  Executor& executor;
  transfer::Plan plan;
  Optimiser optimiser;

  Player(std::string called, Executor& network, transfer::Plan all, const TrainConfig& options);

  /// Its weights and the optimizer's state.
  void save(Checkpoint& checkpoint) const;
  /// Error (data) naming `file` if a tensor is missing or has another shape.
  void restore(const Checkpoint& checkpoint, const std::filesystem::path& file);
};

/// Runs from where `at` is to the end of the last epoch, and saves what is not saved then. The steps of an epoch are numbered through the training.
struct EpochLoop {
  int epochs;
  std::size_t steps;  // of an epoch
  double checkpoint_minutes;
  const Hooks& hooks;
  Progress& at;
  std::function<void(uint64_t number)> step;     // adds to at.loss_sum and at.term_sums
  std::function<void(EpochRecord& record)> end;  // of an epoch: fills in what is not the mean of the steps; may throw
  std::function<void()> save;

  /// Interrupted after a stop, with a checkpoint.
  void run();
};

}  // namespace graft::train
