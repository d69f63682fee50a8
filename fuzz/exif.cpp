#include "graft/image/exif.h"
#include "fuzz/target.h"

using graft::image::Format;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(0), [](graft::Bytes bytes) {
    graft::image::tiff_orientation(bytes);
    for (const Format format : {Format::jpeg, Format::png, Format::webp, Format::bmp}) graft::image::orientation(bytes, format);
  });
}
