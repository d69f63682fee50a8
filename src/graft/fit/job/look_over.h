// The photos looked over as `graft doctor` does, as far as it costs next to nothing; and copies left out of training.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "graft/doctor/examine.h"
#include "graft/eval/scores.h"
#include "graft/fit/job/result.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Leaves the copies out of job.splits.train, of which one stays, in validation where it is there: --dedupe. Reads and decodes every photo. Copies under
/// different labels stay.
void dedupe(Job& job);

/// What is found in photos that can be read, `hashes` of whose bytes are known, said in sentences that name what is serious.
doctor::Report look_over(Job& job, const Photos& photos, std::span<const Hash128> hashes);

/// Of the validation images, what the model had seen: nothing where that is none of them. `probabilities`: (val, classes).
std::optional<LeakedImages> leaked_images(const doctor::Report& report, const Photos& photos, const data::Splits& splits,
                                          std::span<const float> probabilities);

/// RUN/doctor.json.
nlohmann::ordered_json doctor_record(const doctor::Report& report, const Job& job, const std::optional<LeakedImages>& leaked);

nlohmann::ordered_json to_json(const LeakedImages& leaked);

}  // namespace graft::fit
