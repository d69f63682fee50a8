#include "graft/image/exif.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(0), [](graft::Bytes bytes) {
    graft::image::tiff_orientation(bytes);
    for (const auto orientation : {graft::image::jpeg_orientation, graft::image::png_orientation, graft::image::webp_orientation}) orientation(bytes);
  });
}
