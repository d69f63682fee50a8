// The photos looked over as `graft doctor` does, as far as it costs next to nothing; and copies left out of training.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "graft/doctor/examine.h"
#include "graft/fit/job/state.h"
#include "graft/search/table.h"

namespace graft::fit {

/// Leaves copies out of job.splits.train, of which one stays, in validation where it is there: --dedupe, --dedupe-near. Reads and decodes every photo. Copies
/// under different labels stay.
void dedupe(Job& job);

/// Of the photos that can be read, a row each.
struct BothFeatures {
  search::Table train, val;
};

/// What is found in photos that can be read, whose hashes `start` has, said in sentences that name what is serious. Validation photos that are almost in
/// training are found by the features, and go into `start`; without features those that are there already are taken.
doctor::Report look_over(Job& job, const Photos& photos, Start& start, const std::optional<BothFeatures>& features);

/// RUN/doctor.json: paths relative to the run, and what was left out of training.
nlohmann::ordered_json doctor_record(const doctor::Report& report, const Job& job);

}  // namespace graft::fit
