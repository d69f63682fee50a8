// Writes state dicts as torch.save does (zip format, torch >= 1.6), for use in Python: torch.load(FILE, weights_only=True).
#pragma once

#include <filesystem>

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

/// Writes the tensors with their types as an OrderedDict by name, as one step (the old file or the new one, never half). Every tensor gets a storage of
/// its own, row-major, 64-byte aligned; from 4 GiB on the archive is ZIP64. Metadata have no place in such a file and are left out.
/// Equal tensors give equal bytes, whatever the file's name. Error (data) on a name that is not UTF-8.
/// Memory: only copies of views that are not row-major already.
void write_pth(const std::filesystem::path& path, const StateDict& dict, Sync sync = Sync::now);

}  // namespace graft::weights
