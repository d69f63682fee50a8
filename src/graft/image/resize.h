// Resizing with Pillow's antialiased filters (libImaging/Resample.c), equal to it in every bit: a window of 22-bit fixed-point weights
// for each output, one pass across and one down, with 8 bits between; the order of the passes is that of Pillow 13.
// Training and inference that resize differently lose accuracy quietly.
#pragma once

#include <cstdint>
#include <span>

#include "graft/base/size.h"
#include "graft/image/image.h"

namespace graft::image {

enum class Filter { bilinear, bicubic };  // bicubic: a = -0.5

/// Pillow's image.resize((width, height), filter). All sizes must be at least 1.
Image resize(const Image& image, int width, int height, Filter filter);

/// Size of a width x height image once it is resized, in its own proportions, until it just covers `cover`.
struct Extent {
  int64_t width, height;
};
Extent covering(int width, int height, Size cover);

/// Where a crop lies: -1 left or top, 0 centre, 1 right or bottom; then mirrored. What torchvision's FiveCrop and TenCrop take.
struct CropAt {
  int across = 0, down = 0;
  bool mirrored = false;
  bool operator==(const CropAt&) const = default;
};

/// The image resized, in its own proportions, until it just covers `cover`, and the centre or a corner of that cut out: of squares torchvision's
/// Resize(cover) and CenterCrop(crop) on a PIL image. Computes nothing that the crop drops; zeros around where the crop is larger than the image.
/// out: rows x columns x 3 of the crop, row-major RGB. All sizes must be at least 1.
void resize_crop(const Image& image, Size cover, Size crop, Filter filter, std::span<uint8_t> out, CropAt at = {});

/// Whole pixels.
struct Box {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

inline Box whole(const Image& image) { return {0, 0, image.width, image.height}; }

/// A window of a box of an image that is resized: box -> width x height, of which columns x rows from (x, y), then mirrored.
struct Part {
  Box box;
  int64_t width = 0, height = 0, x = 0, y = 0;
  int columns = 0, rows = 0;
  bool mirrored = false, upside_down = false;
};

/// torchvision's crop(), resize() to (height, width), crop() and flips on a PIL image, without computing what is dropped. The box lies in the
/// image, the window in the resized box, nothing is empty. out: rows x columns x 3.
void resize_part(const Image& image, const Part& part, Filter filter, std::span<uint8_t> out);

}  // namespace graft::image
