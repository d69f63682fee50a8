// The one EXIF field that changes what a photo shows: its orientation (tag 0x0112; TIFF 6.0, page 36).
#pragma once

#include "graft/base/files.h"
#include "graft/image/decode.h"
#include "graft/image/image.h"

namespace graft::image {

/// 1 to 8 as in the TIFF structure ("II*" or "MM*"); 1 (upright) when the field is missing, out of range or out of bounds.
int tiff_orientation(Bytes tiff);

/// The same for a whole file: JPEG APP1, PNG eXIf, WebP EXIF.
int orientation(Bytes file, Format format);

/// The image turned and mirrored so that it shows upright.
Image turned(Image image, int orientation);

}  // namespace graft::image
