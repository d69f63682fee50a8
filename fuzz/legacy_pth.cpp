#include <cstring>
#include <vector>

#include "fuzz/weights.h"
#include "graft/weights/torch/pth.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  // PROTO 2, LONG1 of 10 bytes, STOP: without these no input is a legacy file, so none needs to be found out.
  static constexpr unsigned char kMagic[] = {0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, '.'};
  if (size < sizeof kMagic) return 0;
  std::vector<uint8_t> file(data, data + size);
  std::memcpy(file.data(), kMagic, sizeof kMagic);
  return graft::fuzz::run(file.data(), size, graft::fuzz::file_limit(size),
                          [](graft::Bytes bytes) { graft::fuzz::use(graft::weights::read_pth(bytes, "input")); });
}
