// Numbers with a unit, as people write them on a command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace graft {

/// "20ms", "1.5 s", "10m" or "10min", "2h" in seconds; nothing for anything else, for a number without a unit, and for values that are not above 0.
std::optional<double> seconds_in(std::string_view text);

/// "800kB", "20MB", "1.5 GB" in bytes (a kB is 1,000 bytes); nothing for anything else.
std::optional<double> bytes_in(std::string_view text);

/// 0.0031 -> "3.1 ms"; 3.14 -> "3.1 s"; 95 -> "1:35 min"; 3700 -> "1:01 h".
std::string duration_text(double seconds);

}  // namespace graft
