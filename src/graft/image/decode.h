// From the bytes of a file to an Image. The format is told by the first bytes, never by the file's name.
//
// JPEG and PNG without alpha give the values of Pillow's Image.open(file).convert("RGB"), with these rules where formats leave a choice:
//   JPEG  accurate integer DCT, smooth chroma upsampling; CMYK and YCCK taken as inverted (Adobe), as Pillow does.
//         Damage inside the data is decoded on, as by Pillow and torchvision; data that ends too early is an error.
//   PNG   16 bits become 8 by keeping the high byte. (Pillow does so for colour; its 16-bit grey saturates at 255, which is of no use.)
//   alpha (also PNG tRNS, BMP with an alpha mask) is blended on white, rounded to nearest.
//   BMP   1, 4, 8, 16, 24 and 32 bits, RLE4 and RLE8, bit masks; WebP: still images.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "graft/base/files.h"
#include "graft/image/image.h"

namespace graft::image {

struct DecodeOptions {
  /// Checked against the header before anything of the image's size is allocated. The default is the size at which Pillow refuses
  /// (2 * 1024^3 / 4 / 3 pixels: 537 MB of RGB), far above any camera and far below what hurts a machine.
  int64_t max_pixels = 178'956'970;
  bool exif = true;  // turn by the EXIF orientation of JPEG, PNG and WebP; Pillow and torchvision do not unless asked
  /// Length of the shorter side that is enough, pixels: a JPEG with more is decoded at 1/2, 1/4 or 1/8 of its size (rounded up), several times
  /// faster, as long as enough is left. 0: at its whole size.
  int enough = 0;
};

enum class Format { jpeg, png, webp, bmp };

std::optional<Format> sniff(Bytes bytes);

/// `name` is the Error's subject, made printable here. Every Error is of kind data with an empty hint; it may be called from any thread.
Image decode(Bytes bytes, std::string_view name, const DecodeOptions& options = {});

}  // namespace graft::image
