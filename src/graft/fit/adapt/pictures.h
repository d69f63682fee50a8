// Photos of both domains as small square pictures in memory, as a translation between the domains sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/fit/job/state.h"
#include "graft/train/train.h"

namespace graft::fit {

struct Pictures {
  std::size_t count = 0;
  int side = 0;
  std::vector<uint8_t> pixels = {};  // (count, side, side, 3)

  std::span<const uint8_t> at(std::size_t picture) const { return std::span(pixels).subspan(picture * bytes(), bytes()); }
  std::size_t bytes() const { return static_cast<std::size_t>(side * side * 3); }
};

/// From bytes to [-1, 1], the whole square; both sides of a translation.
data::Preprocess picture_preprocess(int side);
std::vector<uint8_t> to_bytes(std::span<const float> planes, int side);  // back: of (3, side, side) in [-1, 1]

/// The middle square of each photo, resized. Error (data) that names `option` when one cannot be read, and when some are smaller than `smallest` pixels.
Pictures load_pictures(const Job& job, const std::vector<data::Sample>& photos, int side, int smallest, const std::string& option);

/// A part of `size` pixels of each at a place by chance, mirrored by chance, as CycleGAN's authors do; by (seed, pass, picture). The pictures outlive it.
train::Unlabelled cropped(const Pictures& pictures, int size, uint64_t seed);

/// Rows of so many pictures beside each other, all of one size, as a PNG.
std::string sheet_of(const std::vector<std::vector<uint8_t>>& pictures, int side, int columns);

}  // namespace graft::fit
