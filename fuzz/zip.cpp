#include <vector>

#include "fuzz/target.h"
#include "graft/weights/zip.h"

namespace weights = graft::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    constexpr uint64_t kLimit = 1 << 20;
    for (const weights::ZipEntry& entry : weights::read_zip(bytes, "input", weights::Entries::deflated_too)) {
      try {
        graft::fuzz::touch(weights::unpacked(entry, kLimit, "input"));
      } catch (const graft::Error&) {  // one broken entry says nothing of the next
      }
    }
    for (const weights::ZipEntry& entry : weights::read_zip(bytes, "input")) weights::check_crc(entry, "input");
  });
}
