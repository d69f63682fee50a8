// What a finished run folder has.
#pragma once

#include <filesystem>

namespace graft::artifact {

/// Whether the run in the folder was measured on labeled photos: `graft adapt --from` and `graft shots` also make runs without. Error (data) if there is
/// no such folder, or if it lacks what every finished run has.
bool is_measured(const std::filesystem::path& folder);

/// Error (data) as is_measured(), and also if the run was not measured.
void check_measured(const std::filesystem::path& folder);

}  // namespace graft::artifact
