// What a training writes while it is running, for those who watch it: RUN/checkpoint/history.csv, and RUN/tensorboard
// for TensorBoard. The finished run has both: history.csv from its history, the event files as they were written.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/eval/scores.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/event_file.h"
#include "graft/train/train.h"

namespace graft::fit {

/// The complete file, from the "epochs" of history.json: epoch,train_loss,train_accuracy,val_loss,val_accuracy,lr.
std::string history_csv(const nlohmann::ordered_json& epochs);

/// The log of a training in `run`, which exists. A resumed run logs each epoch once: earlier lines and events of epochs that are trained again become void.
class TrainingLog {
 public:
  /// `phases`: of history.json, so far.
  TrainingLog(const Job& job, const std::vector<data::Sample>& train, const nlohmann::ordered_json& phases);

  /// After every epoch. Error (data) when it cannot be written.
  void epoch(const train::EpochRecord& record);

 private:
  void go_on_from(int epoch);

  std::filesystem::path csv_;
  const nlohmann::ordered_json& phases_;
  std::optional<EventFile> events_;
  bool begun_before_ = false, said_something_ = false;
};

/// Completes the event files in `folder`, the finished run: those of `run`
/// (empty if only a head was solved) and the numbers of the written model.
void finish_events(const std::filesystem::path& folder, const std::filesystem::path& run, const Job& job, const std::vector<data::Sample>& train,
                   const nlohmann::ordered_json& phases, const eval::AnyEvaluation& evaluation);

}  // namespace graft::fit
