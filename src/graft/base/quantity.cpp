#include "graft/base/quantity.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "graft/base/text.h"

namespace graft {
namespace {

using Unit = std::pair<std::string_view, double>;

std::optional<double> in_units(std::string_view text, std::span<const Unit> units) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == text.npos) return std::nullopt;
  const auto number = number_in<double>(text.substr(0, end));
  const std::string unit = lower(trim(text.substr(end)));
  if (!number || !(*number > 0)) return std::nullopt;
  for (const auto& [name, factor] : units)
    if (unit == name) return *number * factor;
  return std::nullopt;
}

}  // namespace

std::optional<double> seconds_in(std::string_view text) {
  constexpr Unit kUnits[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}};
  return in_units(text, kUnits);
}

std::optional<double> bytes_in(std::string_view text) {
  constexpr Unit kUnits[] = {{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}};
  return in_units(text, kUnits);
}

std::string duration_text(double seconds) {
  if (seconds < 1) return fmt::format("{:.1f} ms", 1000 * seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(std::lround(seconds));
  return whole < 3600 ? fmt::format("{}:{:02} min", whole / 60, whole % 60) : fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

}  // namespace graft
