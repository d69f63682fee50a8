// Resizing with Pillow's antialiased filters (libImaging/Resample.c), equal to it in every bit: a window of 22-bit fixed-point weights
// for each output, one pass across and one down, with 8 bits between; the order of the passes is that of Pillow 13.
// Training and inference that resize differently lose accuracy quietly.
#pragma once

#include <cstdint>
#include <span>

#include "graft/image/image.h"

namespace graft::image {

enum class Filter { bilinear, bicubic };  // bicubic: a = -0.5

/// Pillow's image.resize((width, height), filter). All sizes must be at least 1.
Image resize(const Image& image, int width, int height, Filter filter);

/// torchvision's Resize(shorter) and CenterCrop(crop) on a PIL image, without computing what the crop drops; zeros where the crop is
/// larger than the image. out: crop x crop x 3, row-major RGB. All sizes must be at least 1.
void resize_crop(const Image& image, int shorter, int crop, Filter filter, std::span<uint8_t> out);

}  // namespace graft::image
