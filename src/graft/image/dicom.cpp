#include "graft/image/dicom.h"

#include <cstring>

#include "graft/base/text.h"
#include "graft/image/dicom_library.h"
#include "graft/image/library.h"

namespace graft::image {
namespace {

const DicomLibrary& open(const Source& source) {
  const Library library(source, kDicomFile, "DICOM", "libdcmtk17");
  const DicomLibrary* found = nullptr;
  library.find(kDicomSymbol, found);
  if (std::strcmp(found->version, GRAFT_VERSION) != 0)
    fail(source, fmt::format("{} belongs to graft {}, this is {}", kDicomFile, found->version, GRAFT_VERSION));
  return *found;
}

const DicomLibrary& dicom(const Source& source) {
  static const DicomLibrary& opened = open(source);
  return opened;
}

}  // namespace

bool begins_dicom(std::string_view bytes) {
  constexpr size_t kPreamble = 128;
  return bytes.size() >= kPreamble + 4 && bytes.substr(kPreamble, 4) == "DICM";
}

Image decode_dicom(const Source& source) { return dicom(source).decode(source); }

std::optional<Hash128> patient_of(Bytes file, std::string_view name) {
  if (!begins_dicom(as_text(file))) return std::nullopt;
  const Source source{file, printable(name), {}};
  const std::string patient = dicom(source).patient(source);
  return patient.empty() ? std::nullopt : std::optional(Hasher().add("patient").add(patient).finish());
}

}  // namespace graft::image
