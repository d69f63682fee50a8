// Validation photos that are also in training: accuracy on them says nothing about new photos.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "graft/doctor/examine.h"
#include "graft/eval/scores.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

struct LeakedImages {
  std::size_t exact, near;         // the same picture is in training; almost the same
  std::size_t images;              // all validation photos
  std::optional<double> accuracy;  // on the others, if there are any
};

/// Nothing if there are none. Photos that merely look alike do not count. `probabilities`: (val, classes).
std::optional<LeakedImages> leaked_images(const doctor::Report& report, const Photos& photos, const data::Splits& splits,
                                          std::span<const float> probabilities);

/// "6 of the 153 validation images are in training, too (2 of them almost): without them the accuracy is 94.2 %; --dedupe-near takes the copies out of training".
std::string sentence_of(const LeakedImages& leaked);

/// An evaluation in the form of RUN/eval.json and --json: with `leaked`: {exact, near, accuracy_without} if there are any.
nlohmann::ordered_json evaluation_json(const eval::AnyEvaluation& evaluation, const std::optional<LeakedImages>& leaked);

/// Of an evaluation that was written so.
std::optional<LeakedImages> leaked_in(const nlohmann::json& evaluation);

}  // namespace graft::fit
