#include "graft/search/npy.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    const graft::search::Table table = graft::search::read_npy(bytes, "input");
    graft::fuzz::touch(std::as_bytes(table.values));
  });
}
