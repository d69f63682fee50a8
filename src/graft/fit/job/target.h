// The photos that a model is adapted to (--target), which have no labels, and those by which that is measured (--target-test).
#pragma once

#include <cstddef>
#include <span>

#include "graft/base/hash.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Fewest photos of a target.
inline constexpr std::size_t kFewestOfTarget = 16;

/// Options of an adaptation that contradict each other: Error (usage). What follows from its being one is written into `config`.
void check_adaptation(Configured<FitConfig>& config);

/// Reads the photos' names into the job, whose source is open. Errors as data::list_images and data::open_labelled; for fewer than kFewestOfTarget photos, and for a
/// source whose photos have several classes.
void open_target(Job& job);

/// The same for a target of a run alone, which has learned photos of these hashes, ascending.
void check_not_learned(Job& job, const std::vector<Hash128>& learned);

/// Error (data) when photos of the target, or of its test, are also in the source, whose photos' `hashes` these are: what is said of the target would be said of the
/// source. Tells how many of the test are in the target.
void check_other_photos(Job& job, std::span<const Hash128> hashes);

}  // namespace graft::fit
