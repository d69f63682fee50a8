// Photos without labels that a fit also learns from (--unlabeled), and what came of it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "graft/base/hash.h"
#include "graft/fit/job/from_unlabeled.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// The smallest number of photos of --unlabeled.
inline constexpr std::size_t kFewestUnlabeled = 16;

/// Error (usage) for --semi without --unlabeled, and for options that contradict these.
void check_unlabeled(Configured<FitConfig>& config);

/// Lists the photos of --unlabeled in the job, whose labeled photos must be open. Errors as data::list_images; also for fewer than kFewestUnlabeled.
void open_unlabeled(Job& job);

/// Error (data) if photos of --unlabeled are also validation photos, by which the model is measured. Those that are also training photos are left out,
/// with a note. `hashes`: of the readable photos, the first `train` of them of training, then validation.
void set_unlabeled_apart(Job& job, std::span<const Hash128> hashes, std::size_t train);

/// Error (data) if too few of the photos are left, those that cannot be read or are also training photos being left out.
void check_enough_unlabeled(const Job& job);

/// Before training by steps: set_unlabeled_apart, and removes photos that cannot be read from the job: Error (data) unless they may be skipped, or if
/// too few are left.
void prepare_unlabeled(Job& job, const Photos& photos, const Start& start);

/// Chooses among the ways: of those that pay by so many standard errors the one with the lowest log loss, else none; `named`: the best one that is not
/// none, with a warning if it does not pay. Without judges none, or if `named` the last. Fills in chosen and reason, and adds to the warnings.
void choose_way(FromUnlabeled& found, bool named, double errors);

/// The entry in history.json and in the output of --json.
nlohmann::ordered_json to_json(const FromUnlabeled& found);

/// The entry of the model's card.
nlohmann::ordered_json provenance_of(const Job& job, const FromUnlabeled& found);

}  // namespace graft::fit
