// Training of more than the head, from where it begins, or stands, to its end.
#pragma once

#include <filesystem>
#include <optional>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/job/groups.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Leaves nothing of a training that never came to its first checkpoint.
class RemoveUnlessCheckpointed {
 public:
  explicit RemoveUnlessCheckpointed(std::filesystem::path run);
  ~RemoveUnlessCheckpointed();
  RemoveUnlessCheckpointed(const RemoveUnlessCheckpointed&) = delete;
  RemoveUnlessCheckpointed& operator=(const RemoveUnlessCheckpointed&) = delete;
  /// The run is whole: there is nothing to remove.
  void finish() { finished_ = true; }

 private:
  std::filesystem::path run_;
  bool made_parent_, finished_ = false;
};

/// The options as a run that goes on is to have them.
Configured<FitConfig> as_asked(Configured<FitConfig> config);

/// The run's folder with what its training begins from; of one to go on with, if all is as it was, or the changes are accepted. Error (data) where it is not.
/// `also`: what else must be as it was, besides options, network, machine and the photos.
void begin_or_go_on(const Job& job, const Photos& photos, const std::map<std::string, std::string>& also, Start& start);

/// Trains, and adds what it did to start.phases. `seen`: of an adaptation, what the frozen network says of its photos. Errors as fine_tune.
Outcome train_more(Job& job, const Photos& photos, const PhotoGroups& by_attribute, Start& start, std::optional<RemoveUnlessCheckpointed>& guard,
                   const Domains* seen);

}  // namespace graft::fit
