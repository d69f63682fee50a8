// NumPy's .npy files: magic, version, length, a Python dictionary of type, order and shape, then the values.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "graft/base/files.h"
#include "graft/search/table.h"

namespace graft::search {

/// A matrix of little-endian float32 or float64 in C order, of format 1.0 to 3.0. float32 values stay in `bytes`, which the caller keeps alive
/// (Table::owner is empty then); others are converted into memory of the Table. Error (data) named `name` for anything else; memory is at
/// most that of `bytes`.
Table read_npy(Bytes bytes, std::string_view name);

/// The same from a file, which the Table keeps mapped.
Table read_npy(const std::filesystem::path& path);

}  // namespace graft::search
