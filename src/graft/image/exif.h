// What EXIF and XMP say: the orientation of the photo (EXIF's tag 0x0112; TIFF 6.0, page 36), and texts about how it was made.
#pragma once

#include <cstdint>
#include <string>

#include "graft/base/files.h"
#include "graft/image/image.h"

namespace graft::image {

/// 1 to 8 as in the TIFF structure ("II*" or "MM*", or BigTIFF's); 1 (upright) when the field is missing, out of range or out of bounds.
int tiff_orientation(Bytes tiff);

/// What a file says about itself; empty where it does not.
struct Metadata {
  Bytes exif;  // a TIFF structure
  Bytes xmp;   // XML
};

/// 1 to 8. As Pillow's exif_transpose: XMP counts where EXIF has no such field.
int orientation_of(const Metadata& found);

/// The same for whole files: EXIF and XMP of JPEG's APP1; of PNG's eXIf and iTXt, or EXIF as hexadecimal text in "Raw profile type exif", as
/// ImageMagick wrote it before there was eXIf; of WebP's EXIF and XMP.
int jpeg_orientation(Bytes file);
int png_orientation(Bytes file);
int webp_orientation(Bytes file);

/// Of JPEG and WebP files; it points into them.
Metadata jpeg_metadata(Bytes file);
Metadata webp_metadata(Bytes file);

/// A field of text of the first directory of a TIFF structure, or of the one that it names as EXIF's (0x9003: DateTimeOriginal), without the zero at its
/// end; empty when it is missing or out of bounds. Not of a BigTIFF.
std::string tiff_text(Bytes tiff, uint16_t tag);

/// The image turned and mirrored so that it shows upright.
Image turned(Image image, int orientation);

}  // namespace graft::image
