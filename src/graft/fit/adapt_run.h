// `graft adapt --from RUN --target PHOTOS`: the model of an earlier run suited to other photos, without those that it learned.
#pragma once

#include <optional>

#include "graft/fit/job/result.h"
#include "graft/fit/job/state.h"
#include "graft/fit/train_more.h"

namespace graft::fit {

/// Reads the run's classes, its network and the target's photos into the job. Errors as open_target and open_backbone; Error (data) for a run whose last layer graft
/// cannot read, and for photos that the run has learned.
void open_run(Job& job);

/// Compares what needs no photo of the source: the model as it is (none), with the target's statistics (adabn), trained on the target (shot), and fills
/// `result` in. Writes the run into `folder`; what trains leaves its state in the run's own.
/// Nothing says how right the model is, unless --target-test does: then eval.json and predictions.csv are of those photos, else there are none.
void adapt_run(Job& job, std::optional<RemoveUnlessCheckpointed>& guard, std::optional<AtomicFolder>& folder, FitResult& result);

}  // namespace graft::fit
