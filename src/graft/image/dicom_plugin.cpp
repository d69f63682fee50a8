// libgraft_dicom.so: DICOM by DCMTK. One frame, grey or colour, uncompressed or in RLE or JPEG.
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimage/diregist.h>
#include <dcmtk/dcmimgle/dcmimage.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "graft/image/dicom_library.h"

namespace graft::image {
namespace {

constexpr std::array kJpegForms{EXS_JPEGProcess1,     EXS_JPEGProcess2_4, EXS_JPEGProcess6_8,
                                EXS_JPEGProcess10_12, EXS_JPEGProcess14,  EXS_JPEGProcess14SV1};

struct Codecs {
  Codecs() {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
  }
  ~Codecs() {
    DJDecoderRegistration::cleanup();
    DcmRLEDecoderRegistration::cleanup();
  }
};

void prepare() { static const Codecs codecs; }

[[noreturn]] void fail_dicom(const Source& source, const OFCondition& condition) { fail(source, fmt::format("broken DICOM: {}", condition.text())); }

/// Of the bytes of a file. DCMTK loads a value of more than DCM_MaxReadLength later, from newFactory()'s stream, where there is one; from others it does at
/// once, and makes room for as many bytes as the file claims.
class Stream : public DcmInputBufferStream {
 public:
  explicit Stream(Bytes bytes) : bytes_(bytes) {
    setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    setEos();
  }

  DcmInputStreamFactory* newFactory() const override {
    const auto at = static_cast<size_t>(tell());
    return new Later(bytes_.subspan(std::min(at, bytes_.size())));
  }

  /// Deflated files have no such places. None is known with a picture in it.
  OFCondition installCompressionFilter(E_StreamCompression) override { return EC_UnsupportedEncoding; }

 private:
  class Later : public DcmInputStreamFactory {
   public:
    explicit Later(Bytes bytes) : bytes_(bytes) {}
    DcmInputStream* create() const override { return new Stream(bytes_); }
    DcmInputStreamFactory* clone() const override { return new Later(bytes_); }
    DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }

   private:
    Bytes bytes_;
  };

  Bytes bytes_;
};

void check_length(const Source& source, DcmObject* object) {
  const auto* element = dynamic_cast<DcmElement*>(object);
  if (element != nullptr && element->getLengthField() != DCM_UndefinedLength && element->getLengthField() > source.bytes.size())
    fail(source, "broken DICOM: a value is longer than the file");
}

/// The pieces of a compressed picture: a table of offsets, then what is compressed. Null where it is none.
DcmPixelSequence* pieces(DcmDataset& dataset) {
  DcmElement* found = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, found).bad()) return nullptr;
  auto* pixels = dynamic_cast<DcmPixelData*>(found);
  if (pixels == nullptr) return nullptr;
  E_TransferSyntax form = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  pixels->getOriginalRepresentationKey(form, parameter);
  DcmPixelSequence* sequence = nullptr;
  return pixels->getEncapsulatedRepresentation(form, parameter, sequence).good() ? sequence : nullptr;
}

/// Before any value is loaded that reading left for later.
void check_lengths(const Source& source, DcmDataset& dataset) {
  DcmStack stack;
  while (dataset.nextObject(stack, OFTrue).good()) check_length(source, stack.top());
  DcmPixelSequence* sequence = pieces(dataset);
  DcmPixelItem* item = nullptr;
  for (unsigned long i = 0; sequence != nullptr && sequence->getItem(item, i).good(); ++i) check_length(source, item);
}

/// That a JPEG's segments lead to its frame header, for which DCMTK 3.6.7 looks without an end where they do not.
void check_jpeg(const Source& source, DcmDataset& dataset) {
  DcmPixelSequence* sequence = pieces(dataset);
  DcmPixelItem* item = nullptr;
  Uint8* data = nullptr;
  const auto broken = [&] { fail(source, "broken DICOM: its JPEG has no frame"); };
  if (sequence == nullptr || sequence->getItem(item, 1).bad() || item->getUint8Array(data).bad() || data == nullptr) return broken();
  const size_t size = item->getLength();
  if (size < 2 || data[0] != 0xFF || data[1] != 0xD8) return broken();
  for (size_t at = 2; at + 4 <= size && data[at] == 0xFF;) {
    const unsigned marker = data[at + 1], length = data[at + 2] * 256U + data[at + 3];
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) return;
    if (marker < 0xC0 || marker == 0xFF || (marker >= 0xD0 && marker <= 0xD9) || length < 2) return broken();
    at += 2 + length;
  }
  broken();
}

/// `last`: reading stops before the first field behind it.
void read(const Source& source, DcmFileFormat& file, const DcmTagKey& last) {
  prepare();
  Stream stream(source.bytes);
  file.transferInit();
  const OFCondition result = file.readUntilTag(stream, EXS_Unknown, EGL_noChange, DCM_MaxReadLength, last);
  file.transferEnd();
  if (result.bad() && result != EC_EndOfStream) fail_dicom(source, result);
  check_lengths(source, *file.getDataset());
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
  if (frames > 1) fail(source, fmt::format("DICOM of {} frames, expected one: save the frames that matter as separate files", frames));
  if (samples != 1 && samples != 3) fail(source, fmt::format("DICOM with {} samples per pixel, expected 1 or 3", samples));
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
  if (std::ranges::find(kJpegForms, form.getXfer()) != kJpegForms.end()) check_jpeg(source, dataset);
  if (dataset.chooseRepresentation(EXS_LittleEndianExplicit, nullptr).bad())
    fail(source,
         fmt::format("DICOM whose picture cannot be decoded, expected an uncompressed, RLE or JPEG one (DCMTK says: {})", form.getXferName()));
  DicomImage picture(&dataset, dataset.getCurrentXfer(), CIF_UsePartialAccessToPixelData, 0, 1);
  check_status(source, picture);
  Image image = sized_image(source, static_cast<int64_t>(picture.getWidth()), static_cast<int64_t>(picture.getHeight()));
  choose_window(picture);
  const size_t channels = picture.isMonochrome() ? 1 : 3, size = image.pixels.size() / 3 * channels;
  if (picture.getOutputDataSize(8) != size) fail(source, "broken DICOM: its picture does not have the size in its header");
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
