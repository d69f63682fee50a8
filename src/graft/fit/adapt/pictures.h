// Photos of both domains as small square pictures in memory: the input of a translation between the domains.
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

/// Scales bytes to [-1, 1] and takes the whole square: for the inputs and the outputs of a translation.
data::Preprocess picture_preprocess(int side);
std::vector<uint8_t> to_bytes(std::span<const float> planes, int side);  // the inverse, from (3, side, side) in [-1, 1]

/// The center square of each photo, resized. Error (data) naming `option` if one cannot be read, or if some are smaller than `smallest` pixels.
Pictures load_pictures(const Job& job, const std::vector<data::Sample>& photos, int side, int smallest, const std::string& option);

/// Random crops of `size` pixels, randomly mirrored, as CycleGAN's authors do it; determined by (seed, pass, picture). The pictures must outlive it.
train::Unlabelled cropped(const Pictures& pictures, int size, uint64_t seed);

/// A PNG of the pictures, all of one size, in a grid with `columns` columns.
std::string sheet_of(const std::vector<std::vector<uint8_t>>& pictures, int side, int columns);

}  // namespace graft::fit
