// Height and width of a picture, as a person writes them: 224 for a square, 256x128 for 256 pixels high and 128 wide.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace graft {

struct Size {
  int height = 0, width = 0;

  constexpr Size() = default;
  constexpr Size(int side) : height(side), width(side) {}  // NOLINT(google-explicit-constructor): a square is its side
  constexpr Size(int high, int wide) : height(high), width(wide) {}

  constexpr bool square() const { return height == width; }
  constexpr int shorter() const { return std::min(height, width); }
  constexpr int longer() const { return std::max(height, width); }
  constexpr bool operator==(const Size&) const = default;
};

/// "224", "256x128"; nothing for anything else. The sides may be any whole numbers.
std::optional<Size> size_in(std::string_view text);

/// The other way round.
std::string to_string(const Size& size);

/// Always both: "224x224".
std::string both_sides(const Size& size);

}  // namespace graft
