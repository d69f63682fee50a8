// --reweight-to: training photos count more if they resemble unlabeled photos from where the model will work (covariate shift).
#pragma once

#include <filesystem>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// The photos of the folder, and what was left out. Errors as data::list_images, and for fewer than head::kFewestOfDomain of them.
data::ImageList photos_to_resemble(const std::filesystem::path& folder);

/// Gives the training photos that can be read their weights, by head::importance on the frozen network's
/// last features (which are cached), and writes the record into `start`. Does nothing without
/// --reweight-to. Error (data) for photos of the folder that cannot be read, unless they may be skipped.
void reweight(Job& job, Start& start);

/// Applies the weights in `start`, for a resumed run. Error (data) if the number of photos has changed.
void take_weights(Job& job, const Start& start);

/// The record for history.json.
nlohmann::ordered_json without_weights(nlohmann::ordered_json reweighting);

}  // namespace graft::fit
