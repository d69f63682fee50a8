#include "fuzz/target.h"
#include "graft/onnx/read.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) { graft::onnx::read_header(bytes, "input"); });
}
