// From the bytes of a file to an Image. The format is detected from the first bytes, never from the file's name; format_table.h lists the formats.
//
// Pixels are the values of Pillow's Image.open(file).convert("RGB"), with these rules where formats leave a choice:
//   JPEG  accurate integer DCT, smooth chroma upsampling; CMYK and YCCK taken as inverted (Adobe), as Pillow does.
//         Damage inside the data is decoded on, as by Pillow and torchvision; data that ends too early is an error.
//   more than 8 bits a sample become 8 by keeping the highest of the `depth` that count. (Pillow does so for colour; its 16-bit grey saturates at
//         255, which is of no use.)
//   alpha (also PNG tRNS, BMP with an alpha mask, the transparent index of GIF) is left out, as Pillow does; or the picture is blended on
//         DecodeOptions::background, rounded to nearest.
//   DICOM window or VOI LUT of the file, else from its darkest to its brightest value; MONOCHROME1 turned. The first frame of GIF, the first page
//         of TIFF, the primary image of HEIC and AVIF.
//   BMP   1, 4, 8, 16, 24 and 32 bits, RLE4 and RLE8, bit masks; WebP: still images.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "graft/base/files.h"
#include "graft/image/image.h"

namespace graft::image {

/// What is behind transparent pixels. `none`: the colors that the file has there, like Pillow's convert("RGB").
enum class Background { none, white, black };

/// Facts about a file that its Image no longer shows.
struct Traits {
  int highest = -1;            // of samples of more than 8 bits, at the scale of 16 (65535 is white); -1: there are none
  bool transparent = false;    // some pixel is, if only in part
  bool only_in_alpha = false;  // and all pixels came out in one colour: whatever it shows was in its transparency
};

struct DecodeOptions {
  /// Checked against the header before anything of the image's size is allocated. The default is the size at which Pillow refuses
  /// (2 * 1024^3 / 4 / 3 pixels: 537 MB of RGB), far above any camera and far below what hurts a machine.
  int64_t max_pixels = 178'956'970;
  bool exif = true;  // turn by the orientation in EXIF or XMP, as Pillow's exif_transpose; Image.open and torchvision do not unless asked
  /// Length of the shorter side that is enough, pixels: a JPEG with more is decoded at 1/2, 1/4 or 1/8 of its size (rounded up), several times
  /// faster, as long as enough is left. 0: at its whole size.
  int enough = 0;
  Background background = Background::none;
  /// Bits of a 16-bit sample that count, 8 to 16: 12 where a camera wrote its 12 bits as they are. Brighter values become white.
  int depth = 16;
  Traits* traits = nullptr;  // filled in where it is given
};

enum class Format { jpeg, png, webp, bmp, tiff, gif, heif, jpeg2000, dicom };

std::optional<Format> sniff(Bytes bytes);

/// `name` is the Error's subject, made printable here. Every Error is of kind data; only one about a library that is missing has a hint. It may
/// be called from any thread.
Image decode(Bytes bytes, std::string_view name, const DecodeOptions& options = {});

}  // namespace graft::image
