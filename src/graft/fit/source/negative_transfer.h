// With --from: whether what an earlier run learned helps here, or hurts: negative transfer (Rosenstein et al. 2005).
#pragma once

#include <nlohmann/json.hpp>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// Compares heads on the frozen features of the earlier run's network and on those of the pretrained network that its chain of runs began with, by their cross-validated log
/// loss on the same (at most 400) training photos. {photos, from, first: {network, log_loss} each, gain, standard_error, verdict}: `gain` is the log loss that the earlier
/// run saves, and the verdict "helps" or "hurts" where it is beyond 1.96 standard errors, else "no difference". Hurts is also said in a note; nothing is changed.
/// Null without --from, in a study, where the first network or its weights are not here, and with too few photos for cross-validation.
nlohmann::ordered_json check_transfer(Job& job);

/// "helps", "hurts" or "no difference".
const char* verdict_of(double gain, double error);

}  // namespace graft::fit
