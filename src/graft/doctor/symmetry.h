// The eight symmetries of a square picture: rotated by quarter turns, mirrored or not.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace graft::doctor {

/// What is done to a picture: transposed, then mirrored left to right, then top to bottom.
struct Symmetry {
  bool transposed = false, mirrored = false, upside_down = false;
  bool operator==(const Symmetry&) const = default;

  /// Where the pixel (x, y) of the result comes from, for squares of `side` pixels.
  constexpr std::pair<int, int> from(int x, int y, int side) const {
    if (mirrored) x = side - 1 - x;
    if (upside_down) y = side - 1 - y;
    return transposed ? std::pair(y, x) : std::pair(x, y);
  }
};

inline constexpr std::array<Symmetry, 8> kSymmetries{{{false, false, false},
                                                      {false, true, false},
                                                      {false, false, true},
                                                      {false, true, true},
                                                      {true, false, false},
                                                      {true, true, false},
                                                      {true, false, true},
                                                      {true, true, true}}};

/// "mirrored", "turned by 90 degrees": how two pictures differ, whichever came first; empty if they do not.
constexpr std::string_view name_of(const Symmetry& s) {
  if (!s.transposed) return s.mirrored ? (s.upside_down ? "rotated by 180 degrees" : "mirrored") : (s.upside_down ? "upside down" : "");
  return s.mirrored != s.upside_down ? "rotated by 90 degrees" : "rotated and mirrored";
}

}  // namespace graft::doctor
