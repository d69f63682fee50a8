#include "fuzz/target.h"
#include "graft/weights/torch/unpickle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    graft::weights::Unpickler unpickler(bytes, "input");
    while (unpickler.position() < bytes.size()) unpickler.next();
    unpickler.storages();
  });
}
