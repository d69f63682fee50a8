// The part of zip that torch.save writes: stored entries, read in place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/files.h"

namespace graft::weights {

struct ZipEntry {
  std::string name;
  uint32_t crc;
  uint64_t header;  // where its local header stands in the file
  Bytes bytes;      // its content, in the file
};

/// The entries by the central directory (ZIP64 too), in its order. Error (data) when the archive is cut, an entry is compressed, encrypted, outside
/// the file, over another one, named twice or with "..". Contents are not read: check_crc does that.
std::vector<ZipEntry> read_zip(Bytes file, const std::string& source);

/// Error (data) when the content is not what was written.
void check_crc(const ZipEntry& entry, const std::string& source);

}  // namespace graft::weights
