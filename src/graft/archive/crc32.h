// CRC-32 of zip and gzip, at the speed of memory: libdeflate's, which multiplies without carries where the CPU does; zlib 1.2 is several times slower,
// and every weight of a checkpoint is checked.
#pragma once

#include <cstdint>

#include "graft/base/files.h"

namespace graft::archive {

/// Equal to zlib's crc32(before, bytes): `before` is that of the bytes in front of them.
uint32_t crc32(Bytes bytes, uint32_t before = 0);

}  // namespace graft::archive
