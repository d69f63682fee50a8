// Two files in one input: the first two bytes are the length of the labels, which follow; the rest are the pictures.
#include "graft/convert/idx.h"
#include "fuzz/pictures.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    if (bytes.size() < 2) return;
    const std::size_t asked = std::to_integer<std::size_t>(bytes[0]) << 8U | std::to_integer<std::size_t>(bytes[1]);
    const std::size_t length = std::min(asked, bytes.size() - 2);
    const graft::archive::Content labels = graft::archive::content_of(bytes.subspan(2, length), "labels");
    graft::fuzz::use({"IDX", {}, {graft::convert::read_idx(graft::archive::content_of(bytes.subspan(2 + length), "images"), labels)}});
  });
}
