// libgraft_dicom.so: DICOM by DCMTK. One frame, grey or colour, uncompressed or in RLE or JPEG.
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimage/diregist.h>
#include <dcmtk/dcmimgle/dcmimage.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "graft/image/dicom_library.h"

namespace graft::image {
namespace {

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
  });
}

[[noreturn]] void fail_dicom(const Source& source, const OFCondition& condition) { fail(source, fmt::format("broken DICOM: {}", condition.text())); }

/// `last`: reading stops before the first field behind it.
void read(const Source& source, DcmFileFormat& file, const DcmTagKey& last) {
  prepare();
  DcmInputBufferStream stream;
  stream.setBuffer(source.bytes.data(), static_cast<offile_off_t>(source.bytes.size()));
  stream.setEos();
  file.transferInit();
  const OFCondition result = file.readUntilTag(stream, EXS_Unknown, EGL_noChange, DCM_MaxReadLength, last);
  file.transferEnd();
  if (result.bad() && result != EC_EndOfStream) fail_dicom(source, result);
}

/// A field that counts something; `otherwise` where it is missing.
int64_t number(DcmDataset& dataset, const DcmTagKey& tag, int64_t otherwise) {
  Uint16 value = 0;
  if (dataset.findAndGetUint16(tag, value).good()) return value;
  Sint32 text = 0;
  return dataset.findAndGetSint32(tag, text).good() ? text : otherwise;
}

void check_kind(const Source& source, DcmDataset& dataset) {
  if (!dataset.tagExists(DCM_PixelData)) fail(source, "DICOM without a picture");
  check_size(source, number(dataset, DCM_Columns, 0), number(dataset, DCM_Rows, 0));
  const int64_t frames = number(dataset, DCM_NumberOfFrames, 1), samples = number(dataset, DCM_SamplesPerPixel, 1);
  if (frames > 1) fail(source, fmt::format("DICOM of {} frames, expected one: save the frames that count as files of their own", frames));
  if (samples != 1 && samples != 3) fail(source, fmt::format("DICOM with {} samples a pixel, expected 1 or 3", samples));
}

/// What the file says about how its values are to be seen; else all of them from the darkest to the brightest.
void choose_window(DicomImage& picture) {
  if (!picture.isMonochrome()) return;
  if (picture.getVoiLutCount() > 0 && picture.setVoiLut(0) != 0) return;
  if (picture.getWindowCount() > 0 && picture.setWindow(0) != 0) return;
  picture.setMinMaxWindow(0);
}

void check_status(const Source& source, const DicomImage& picture) {
  if (picture.getStatus() != EIS_Normal) fail(source, fmt::format("broken DICOM: {}", DicomImage::getString(picture.getStatus())));
}

Image read_picture(const Source& source) {
  DcmFileFormat file;
  read(source, file, DCM_UndefinedTagKey);
  DcmDataset& dataset = *file.getDataset();
  check_kind(source, dataset);
  const DcmXfer form(dataset.getOriginalXfer());
  if (dataset.chooseRepresentation(EXS_LittleEndianExplicit, nullptr).bad())
    fail(source, fmt::format("DICOM whose picture cannot be decoded, expected it uncompressed, in RLE or JPEG (it says: {})", form.getXferName()));
  DicomImage picture(&dataset, dataset.getCurrentXfer(), CIF_UsePartialAccessToPixelData, 0, 1);
  check_status(source, picture);
  Image image = sized_image(source, static_cast<int64_t>(picture.getWidth()), static_cast<int64_t>(picture.getHeight()));
  choose_window(picture);
  const size_t channels = picture.isMonochrome() ? 1 : 3, size = image.pixels.size() / 3 * channels;
  if (picture.getOutputDataSize(8) != size) fail(source, "broken DICOM: its picture is not of its size");
  if (picture.getOutputData(image.pixels.data(), size, 8) == 0) fail(source, "broken DICOM: its picture cannot be shown");
  for (size_t i = size; channels == 1 && i-- > 0;) std::fill_n(&image.pixels[3 * i], 3, image.pixels[i]);  // from the end, in place
  return image;
}

std::string patient(const Source& source) {
  DcmFileFormat file;
  read(source, file, DCM_StudyInstanceUID);
  OFString value;
  return file.getDataset()->findAndGetOFString(DCM_PatientID, value).good() ? std::string(value.c_str()) : std::string();
}

}  // namespace
}  // namespace graft::image

extern "C" {
extern const graft::image::DicomLibrary graft_dicom_library;
const graft::image::DicomLibrary graft_dicom_library{GRAFT_VERSION, graft::image::read_picture, graft::image::patient};
}
