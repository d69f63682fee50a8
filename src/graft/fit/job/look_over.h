// Checks the photos as `graft doctor` does, as far as this takes almost no time; and leaves copies out of training.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "graft/doctor/examine.h"
#include "graft/fit/job/state.h"
#include "graft/search/table.h"

namespace graft::fit {

/// Leaves copies out of job.splits.train (--dedupe, --dedupe-near); one of them stays, in
/// validation if one is there. Reads and decodes every photo. Copies under different labels stay.
void dedupe(Job& job);

/// Of the photos that can be read, a row each.
struct BothFeatures {
  search::Table train, val;
};

/// The findings for the readable photos, whose hashes are in `start`; notes name what is serious. Validation photos with near
/// copies in training are found by the features and recorded in `start`; without features, those recorded there are used.
doctor::Report look_over(Job& job, const Photos& photos, Start& start, const std::optional<BothFeatures>& features);

/// RUN/doctor.json: paths relative to the run, and what was left out of training.
nlohmann::ordered_json doctor_record(const doctor::Report& report, const Job& job);

}  // namespace graft::fit
