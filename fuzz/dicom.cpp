#include "fuzz/image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) { return graft::fuzz::decode(data, size, graft::image::Format::dicom); }
