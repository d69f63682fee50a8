// Changes of what each value becomes, equal to torchvision.transforms.functional on a PIL image (Pillow's ImageOps). In place on RGB bytes, 3 a
// pixel; no state.
#pragma once

#include <cstdint>
#include <span>

#include "graft/image/resize.h"
#include "graft/image/transform.h"

namespace graft::image {

/// to_grayscale(3): the luma in all three channels.
void make_grey(std::span<uint8_t> rgb);

/// posterize(bits): the highest 0 ... 8 bits of a value are kept; 0 makes black, as on tensors (Pillow refuses it).
void posterise(std::span<uint8_t> rgb, int bits);

/// solarize(threshold): values of at least the threshold become their negative.
void solarise(std::span<uint8_t> rgb, double threshold);

/// autocontrast(): each channel is stretched so that its lowest value becomes 0 and its highest 255.
void autocontrast(std::span<uint8_t> rgb);

/// equalize(): each channel's values are spread so that all are about as frequent.
void equalise(std::span<uint8_t> rgb);

/// invert(): the negative.
void invert(std::span<uint8_t> rgb);

/// erase(i, j, h, w, v) of rows of `width` pixels; the box lies inside.
void erase(std::span<uint8_t> rgb, int width, const Box& box, Rgb colour);

}  // namespace graft::image
