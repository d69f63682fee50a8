// Blurring and sharpening, as torchvision.transforms.functional does them on a PIL image. In place on RGB bytes in rows of `width` pixels.
#pragma once

#include <cstdint>
#include <span>

namespace graft::image {

/// gaussian_blur([kernel, kernel], [sigma, sigma]), within one level: `kernel` is odd, sigma > 0, in pixels; beyond the edges the picture is
/// reflected, as often as a small one needs it (torchvision refuses a kernel that reaches further than once).
void gaussian_blur(std::span<uint8_t> rgb, int width, int kernel, double sigma);

/// adjust_sharpness(factor), the same bytes: 0 smooths (Pillow's SMOOTH, which leaves the outermost pixels alone), 1 changes nothing, 2 sharpens.
void adjust_sharpness(std::span<uint8_t> rgb, int width, double factor);

}  // namespace graft::image
