#include "graft/explain/blurred.h"

#include "graft/image/blur.h"

namespace graft::explain {

std::vector<uint8_t> blurred(const data::Preprocess& preprocess, std::span<const uint8_t> row, int kernel, double sigma) {
  const std::size_t each = preprocess.grey ? 3 : 1;  // a grey pixel is three alike meanwhile
  std::vector<uint8_t> rgb;
  rgb.reserve(row.size() * each);
  for (const uint8_t value : row) rgb.insert(rgb.end(), each, value);
  image::gaussian_blur(rgb, preprocess.crop.width, kernel, sigma);
  std::vector<uint8_t> out(row.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rgb[i * each];
  return out;
}

}  // namespace graft::explain
