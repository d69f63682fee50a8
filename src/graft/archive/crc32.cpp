#include "graft/archive/crc32.h"

#include <libdeflate.h>

namespace graft::archive {

uint32_t crc32(Bytes bytes, uint32_t before) { return libdeflate_crc32(before, bytes.data(), bytes.size()); }

}  // namespace graft::archive
