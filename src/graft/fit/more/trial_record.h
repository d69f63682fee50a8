// What a trial has come to, in the run folder until that is whole, so that a run which is interrupted in it goes on from there:
//   RUN/checkpoint/config.json       the options as they were given
//   RUN/checkpoint/trial/record      what a run that goes on must have in common with it, the contenders that are through, and the time so far (JSON)
//   RUN/checkpoint/trial/NUMBER/     the training of a contender, while it lasts (unfinished.h)
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
  /// Begins one, or takes up what is there. Error (data) where the options or the photos are not as they were when it was begun, which with
  /// --accept-changes is begun anew instead. Of a job without `asked` nothing is kept.
  TrialRecord(Job& job, const Photos& photos);
  /// Leaves nothing unless there is something to go on from.
  ~TrialRecord();
  TrialRecord(const TrialRecord&) = delete;
  TrialRecord& operator=(const TrialRecord&) = delete;

  /// The contender that was tried as this one, from 0, if it is through.
  std::optional<Trial> found(std::size_t number) const;
  /// Where this one trains: a run folder with a checkpoint folder in it.
  std::filesystem::path folder(std::size_t number) const;
  /// What a checkpoint of its training must agree in.
  const std::map<std::string, std::string>& identity() const { return identity_; }
  /// The next one is through.
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
