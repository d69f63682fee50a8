// The members of a tar archive (POSIX ustar), also of a packed one, found in one pass and read in place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graft/archive/content.h"

namespace graft::archive {

/// Whether bytes (unpacked) begin as a tar archive does.
bool is_tar(Bytes bytes);

struct TarMember {
  std::string file_name;  // after its last slash; a foreign text
  uint64_t size = 0;
  std::shared_ptr<const Stream> at;  // positioned where its content begins, so that no member must be unpacked to reach another
};

/// Its regular files in their order. Error (data) for a damaged or cut archive, more than 100 members or more than 4 GiB of them; Interrupted.
std::vector<TarMember> list_tar(const Content& archive);

Content content_of(const Content& archive, const TarMember& member);

}  // namespace graft::archive
