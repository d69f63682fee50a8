// The written model, run again from disk, must give what training saw.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/data/dataset.h"

namespace graft::fit {

/// How far rounding may move the logits between two ways to compute them: root mean square of the differences over that of the logits.
double tolerance(engine::Precision precision);

/// Loads `model` as `graft predict` would and runs it on the samples' files. `expected`: logits (samples, classes) of the trained head.
/// Error (data) when they differ by more than tolerance(): then the file must not be deployed.
artifact::Predictions verify(const std::filesystem::path& model, const std::vector<data::Sample>& samples, std::span<const float> expected,
                             int threads, const std::function<void(std::size_t)>& advance);

}  // namespace graft::fit
