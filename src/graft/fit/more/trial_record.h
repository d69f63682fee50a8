// The results of trials, kept in the unfinished run folder, so that a run interrupted during its trials can continue from there:
//   RUN/checkpoint/config.json       the options as they were given
// RUN/checkpoint/trial/record      what a resumed run must have in common with it, the finished contenders, and the
// time so far (JSON) RUN/checkpoint/trial/NUMBER/     the training of a contender, while it is running (unfinished.h)
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/files.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/trial.h"

namespace graft::fit {

class TrialRecord {
 public:
  /// Starts a record, or continues the existing one. Error (data) if the options or the photos have changed
  /// since then; with --accept-changes it starts anew instead. Nothing is kept for a job without `asked`.
  TrialRecord(Job& job, const Photos& photos);
  /// Removes everything unless there is something to resume from.
  ~TrialRecord();
  TrialRecord(const TrialRecord&) = delete;
  TrialRecord& operator=(const TrialRecord&) = delete;

  /// The result of the contender with this number, from 0, if it is finished.
  std::optional<Trial> found(std::size_t number) const;
  /// Where the contender with this number trains: a run folder with a checkpoint folder in it.
  std::filesystem::path folder(std::size_t number) const;
  /// What must be equal in a checkpoint of its training.
  const std::map<std::string, std::string>& identity() const { return identity_; }
  /// Records the next contender as finished.
  void add(const Trial& trial);

 private:
  void write() const;

  Job& job_;
  std::optional<AtomicFolder> passing_;  // never committed
  std::filesystem::path place_;
  std::map<std::string, std::string> identity_ = {};
  std::vector<Trial> trials_ = {};
};

}  // namespace graft::fit
