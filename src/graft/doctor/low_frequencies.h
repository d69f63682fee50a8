// A picture as its lowest frequencies: the numbers that a perceptual hash (pHash, Zauner 2010) turns
// into bits. Kept as numbers, they can be searched by a graph of near rows instead of by equal bits.
// Mirroring and rotating only changes their signs and order, so one lookup finds all eight symmetries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "graft/doctor/symmetry.h"

namespace graft::doctor {

inline constexpr int kFrequencies = 8;                                                               // across and down
inline constexpr std::size_t kCoefficients = static_cast<std::size_t>(kFrequencies * kFrequencies);  // the first, the mean, is left at 0

/// coefficient[v * 8 + u] of the cosine transform (DCT-II), u across, v down, times its frequency, since pictures have less of the higher ones; of length 1.
struct LowFrequencies {
  std::array<float, kCoefficients> values{};
  bool flat = false;  // all values are 0: nothing to compare
};

/// small: (side, side) luma, rows from the top.
LowFrequencies low_frequencies(std::span<const uint8_t> small, int side);

/// Of the picture laid on itself.
LowFrequencies laid(const LowFrequencies& of, const Symmetry& symmetry);

/// In [-1, 1].
float correlation(const LowFrequencies& a, const LowFrequencies& b);

/// Numbers that are the same for all eight symmetries of a picture and differ no more than the
/// coefficients themselves: magnitudes, with those of (u, v) and (v, u) as sum and difference.
std::array<float, kCoefficients> invariants(const LowFrequencies& of);

}  // namespace graft::doctor
