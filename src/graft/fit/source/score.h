// The score of one of --sources: how a head on its frozen features does on the photos, and what the network costs.
#pragma once

#include <cstddef>
#include <vector>

#include "graft/fit/source/sources.h"

namespace graft::fit {

struct OneSource {
  SourceScore score;
  int folds;                            // 0: too few photos per class, and the score means nothing
  std::vector<std::size_t> unreadable;  // of the photos, ascending
};

/// `job` is the source's own, which opens it. Errors as open_backbone.
OneSource score_source(Job& job, const SourceName& name, const std::vector<data::Sample>& photos);

}  // namespace graft::fit
