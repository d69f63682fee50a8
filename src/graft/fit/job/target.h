// The unlabeled photos that a model is adapted to (--target), and the labeled ones that measure the result (--target-test).
#pragma once

#include <cstddef>
#include <span>

#include "graft/base/hash.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// The smallest number of target photos.
inline constexpr std::size_t kFewestOfTarget = 16;

/// Error (usage) if options of an adaptation contradict each other. Writes the settings that an adaptation implies into `config`.
void check_adaptation(Configured<FitConfig>& config);

/// Lists the photos of the target in the job, whose source must be open. Errors as data::list_images and data::open_labelled; also for fewer than
/// kFewestOfTarget photos, and for a source whose photos have several classes.
void open_target(Job& job);

/// The same check as check_other_photos for adapting an existing run, which was trained on photos with these hashes, ascending.
void check_not_learned(Job& job, const std::vector<Hash128>& learned);

/// Error (data) if photos of the target or of its test are also in the source, whose photos have these `hashes`: results on the target would then
/// partly be results on the source. Counts in job.test_in_target how many of the test photos are also in the target.
void check_other_photos(Job& job, std::span<const Hash128> hashes);

}  // namespace graft::fit
