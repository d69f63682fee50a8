// What DICOM files say besides their picture.
#pragma once

#include <optional>
#include <string_view>

#include "graft/base/files.h"
#include "graft/base/hash.h"

namespace graft::image {

/// Whether these are a DICOM file's first bytes; 132 are enough.
bool begins_dicom(std::string_view bytes);

/// Stands for the patient that a DICOM file is of: the same for all files of one, so that they can be kept on one side of a split. It is a hash, since
/// who a patient is belongs neither on a screen nor into a file. Nothing for other files and where the file does not say. Errors as of decode().
std::optional<Hash128> patient_of(Bytes file, std::string_view name);

}  // namespace graft::image
