#include "graft/convert/coco.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    const graft::convert::CocoLabels found = graft::convert::read_coco(bytes, "input", true);
    for (const graft::convert::LabelledFile& file : found.files) {
      graft::fuzz::touch(file.file_name);
      graft::fuzz::touch(found.classes.at(static_cast<std::size_t>(file.label)));
    }
  });
}
