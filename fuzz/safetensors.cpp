#include "graft/weights/file/safetensors.h"
#include "fuzz/weights.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size),
                          [](graft::Bytes bytes) { graft::fuzz::use(graft::weights::read_safetensors(bytes, "input")); });
}
