// JSON files: written in one step, read with errors that name file and byte.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

#include "graft/base/files.h"

namespace graft {

/// Indented by 2, with a newline at the end, keys in their order, and numbers that read back
/// unchanged. Invalid UTF-8 becomes U+FFFD; NaN and infinity become null, because JSON lacks them.
void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& value, Sync sync = Sync::now);

/// Error (data): "eval.json: byte 17: not JSON, ...".
nlohmann::ordered_json read_json(const std::filesystem::path& path);

}  // namespace graft
