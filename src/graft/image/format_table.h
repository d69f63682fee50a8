// The one table of the formats that graft reads: decoding, folder listings, messages and docs/data.md follow it (a test compares the last).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "graft/base/files.h"
#include "graft/image/decode.h"

namespace graft::image {

struct Source;

struct FormatRow {
  Format format;
  std::string_view name;                         // as messages write it
  std::span<const std::string_view> extensions;  // of file names, in small letters; decoding does not look at them
  bool (*rich)(Bytes file);                      // whether it may have more than 8 bits a sample, or transparency; null where none of its kind has
  bool (*begins)(std::string_view bytes);        // whether a file of these bytes is one
  Image (*decode)(const Source& source);
  int (*orientation)(Bytes file);  // as exif.h has it; null where the decoder turns by itself or there is none
};

/// In the order in which messages list them.
std::span<const FormatRow> formats();

/// "JPEG, PNG, WebP or BMP".
std::string format_names();

/// The row of a file with these bytes; null if graft does not read it.
const FormatRow* row_of(Bytes file);

/// Whether a look at its traits (decode.h) may find any; false for other files.
bool may_be_rich(Bytes file);

/// The row whose extension the name has, in any case; null for others.
const FormatRow* format_by_name(std::string_view file_name);

}  // namespace graft::image
