// What a picture file says about itself besides its pixels: how it was made, by which camera and when. Nothing is decoded.
#pragma once

#include <optional>
#include <string>

#include "graft/base/files.h"
#include "graft/image/decode.h"

namespace graft::image {

struct Details {
  std::optional<Format> format = {};  // by the first bytes; nothing: not one that graft reads
  int orientation = 1;                // as exif.h has it
  int width = 0, height = 0;          // pixels as stored, of a JPEG or PNG; 0: not known
  int components = 0;                 // of a JPEG: 1 grey, 3 colour, 4 CMYK; 0: not known
  int jpeg_quality = 0;               // 1 to 100, of a JPEG: libjpeg's setting whose table is nearest to the file's; 0: none
  std::string camera = {};            // EXIF's Make and Model, printable; empty: not said
  std::string taken = {};             // EXIF's DateTimeOriginal, else DateTime: "2012:05:14 10:22:31"; empty: not said
};

/// Of any bytes, broken ones too: what cannot be found out is left as it is.
Details details_of(Bytes file);

}  // namespace graft::image
