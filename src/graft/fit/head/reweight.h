// --reweight-to: training photos count the more, the more they resemble unlabelled photos of where the model will work (covariate shift).
#pragma once

#include <filesystem>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// The photos of the folder, and what was left out. Errors as data::list_images, and for fewer than head::kFewestOfDomain of them.
data::ImageList photos_to_resemble(const std::filesystem::path& folder);

/// Gives the training photos that can be read their weights, by head::importance on the frozen network's last features (which are cached), and writes
/// the record into `start`. Where --reweight-to was not given, does nothing. Error (data) for photos of the folder that cannot be read, unless they may be
/// skipped.
void reweight(Job& job, Start& start);

/// The weights that `start` has, of a run that is taken up, to its photos. Error (data) where those are not as many as they were.
void take_weights(Job& job, const Start& start);

/// What history.json says of it.
nlohmann::ordered_json without_weights(nlohmann::ordered_json reweighting);

}  // namespace graft::fit
