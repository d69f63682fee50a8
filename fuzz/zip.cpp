#include <vector>

#include "fuzz/target.h"
#include "graft/archive/zip.h"

namespace archive = graft::archive;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    constexpr uint64_t kLimit = 1 << 20;
    for (const archive::ZipEntry& entry : archive::read_zip(bytes, "input", archive::Entries::deflated_too)) {
      try {
        graft::fuzz::touch(archive::unpacked(entry, kLimit, "input"));
      } catch (const graft::Error&) {  // one broken entry says nothing of the next
      }
    }
    for (const archive::ZipEntry& entry : archive::read_zip(bytes, "input")) archive::check_crc(entry, "input");
  });
}
