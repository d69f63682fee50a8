// Zip archives as torch.save lays them out: stored entries, their contents at a multiple of 64 bytes, so that a mapped file gives aligned tensors.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "graft/archive/zip.h"

namespace graft::archive {

/// A file in parts, in their order; contents are the callers', headers live here.
struct ZipParts {
  std::vector<Bytes> parts;
  std::deque<std::string> headers;
};

/// The archive of these entries (name, content, CRC; `header` is not looked at), in their order, names in UTF-8. What does not fit 32 bits, or 16
/// for the number of entries, is written as ZIP64. The time of every entry is 1980-01-01, zip's first, so that equal contents give equal files.
ZipParts zip_parts(std::vector<ZipEntry> entries);

}  // namespace graft::archive
