#include "graft/data/normalise.h"

#include <array>

namespace graft::data {

void normalise(const Preprocess& preprocess, std::span<const uint8_t> rows, std::span<float> out) {
  const auto channels = static_cast<std::size_t>(preprocess.channels());
  std::array<std::array<float, 256>, 3> of_byte;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t x = 0; x < 256; ++x) of_byte[c][x] = (static_cast<float>(x) / 255 - preprocess.mean[c]) / preprocess.std[c];
  for (std::size_t p = 0; p < rows.size(); p += channels)
    for (std::size_t c = 0; c < channels; ++c) out[p + c] = of_byte[c][rows[p + c]];
}

}  // namespace graft::data
