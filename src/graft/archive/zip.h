// The part of zip that torch.save writes: stored entries, read in place; and of Python's wheels, whose entries are deflated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/files.h"

namespace graft::archive {

struct ZipEntry {
  std::string name;
  uint32_t crc;
  uint64_t header;        // where its local header stands in the file
  Bytes bytes;            // its content, in the file
  bool deflated = false;  // then `bytes` are compressed
  uint64_t size = 0;      // of the content
};

enum class Entries { stored, deflated_too };

/// The entries by the central directory (ZIP64 too), in its order. Error (data) when the archive is cut, an entry is compressed (deflate may be
/// allowed), encrypted, outside the file, over another one, named twice or with "..". Contents are not read: check_crc and unpacked do that.
std::vector<ZipEntry> read_zip(Bytes file, const std::string& source, Entries allowed = Entries::stored);

/// Error (data) when the content of a stored entry is not what was written.
void check_crc(const ZipEntry& entry, const std::string& source);

/// The content of an entry, stored or deflated, of at most `limit` bytes; its CRC is checked. Error (data) as check_crc.
std::vector<std::byte> unpacked(const ZipEntry& entry, uint64_t limit, const std::string& source);

}  // namespace graft::archive
