// Made features: clusters around random centres, as photos of the same thing have them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graft/base/rng.h"
#include "graft/search/table.h"

namespace graft::search {

/// Row i is centre i % clusters (each value uniform in [-1, 1)), every value moved by up to `spread`. Other streams give other rows near the
/// same centres.
inline Table made_rows(std::size_t rows, std::size_t width, std::size_t clusters, float spread, uint64_t stream = 1) {
  auto values = std::make_shared<std::vector<float>>(rows * width);
  const auto draw = [](Rng& rng) { return static_cast<float>(2 * rng.uniform() - 1); };
  std::vector<float> centres(clusters * width);
  Rng centre_rng(7, 0), row_rng(7, stream);
  for (float& value : centres) value = draw(centre_rng);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < width; ++c) (*values)[i * width + c] = centres[i % clusters * width + c] + spread * draw(row_rng);
  return {rows, width, values, *values};
}

}  // namespace graft::search
