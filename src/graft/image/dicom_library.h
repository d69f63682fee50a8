// DICOM behind dlopen: libgraft_dicom.so contains DCMTK, whose interface is C++, and
// is loaded when graft meets the first DICOM file. The rest of graft works without it.
#pragma once

#include <string>

#include "graft/image/formats.h"

namespace graft::image {

/// What libgraft_dicom.so has. It was built with this program: `version` says so.
struct DicomLibrary {
  const char* version;
  Image (*decode)(const Source& source);
  std::string (*patient)(const Source& source);  // as the file has it; empty when it does not say
};

inline constexpr const char* kDicomFile = "libgraft_dicom.so";
inline constexpr const char* kDicomSymbol = "graft_dicom_library";

}  // namespace graft::image
