// Units of sizes in bytes.
#pragma once

namespace graft {

inline constexpr double kGiB = 1024.0 * 1024 * 1024;

}  // namespace graft
