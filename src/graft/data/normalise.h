// Rows as floating-point numbers, for training and for gradients with respect to the picture.
#pragma once

#include <cstdint>
#include <span>

#include "graft/data/preprocess.h"

namespace graft::data {

/// (x / 255 - mean) / std by channel, of any number of pixels of rows as Preprocess makes them; `out` has as many numbers as `rows` bytes.
void normalise(const Preprocess& preprocess, std::span<const uint8_t> rows, std::span<float> out);

}  // namespace graft::data
