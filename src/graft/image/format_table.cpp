#include "graft/image/format_table.h"

#include <algorithm>
#include <array>

#include "graft/base/text.h"
#include "graft/image/dicom.h"
#include "graft/image/exif.h"
#include "graft/image/formats.h"

namespace graft::image {
namespace {

using std::string_view;

constexpr std::array<string_view, 4> kJpeg = {"jpg", "jpeg", "jpe", "jfif"};
constexpr std::array<string_view, 1> kPng = {"png"}, kWebp = {"webp"}, kBmp = {"bmp"}, kGif = {"gif"};
constexpr std::array<string_view, 2> kTiff = {"tif", "tiff"}, kDicom = {"dcm", "dicom"};
constexpr std::array<string_view, 4> kHeif = {"heic", "heif", "hif", "avif"};
constexpr std::array<string_view, 5> kJpeg2000 = {"jp2", "j2k", "jpf", "jpx", "j2c"};

bool begins_jpeg(string_view text) { return text.starts_with("\xff\xd8\xff"); }
bool begins_png(string_view text) { return text.starts_with("\x89PNG\r\n\x1a\n"); }
bool begins_webp(string_view text) { return text.starts_with("RIFF") && text.substr(0, 12).ends_with("WEBP"); }

/// "BM" begins many a text; the size of the second header is one of a few.
bool begins_bmp(string_view text) {
  constexpr string_view kHeaderSizes("\x0c\x28\x34\x38\x40\x6c\x7c");
  return text.starts_with("BM") &&
         (text.size() < 18 || (kHeaderSizes.find(text[14]) != kHeaderSizes.npos && text.substr(15, 3) == string_view("\0\0\0", 3)));
}

bool begins_tiff(string_view text) {
  return text.starts_with(string_view("II*\0", 4)) || text.starts_with(string_view("MM\0*", 4)) || text.starts_with(string_view("II+\0", 4)) ||
         text.starts_with(string_view("MM\0+", 4));
}

bool begins_gif(string_view text) { return text.starts_with("GIF87a") || text.starts_with("GIF89a"); }

/// The first box is "ftyp" and names a brand of still pictures, as its own or among those it goes with.
bool begins_heif(string_view text) {
  constexpr size_t kBrands = 8, kMost = 128;
  if (text.substr(0, kBrands).substr(std::min<size_t>(4, text.size())) != "ftyp") return false;
  const size_t size = number_at(as_bytes(text), 0, 4, true);
  for (size_t at = kBrands; at + 4 <= std::min({text.size(), size, kMost}); at += 4)
    for (const string_view brand : {"heic", "heix", "heim", "heis", "mif1", "avif"})
      if (text.substr(at, 4) == brand) return true;
  return false;
}

bool begins_jpeg2000(string_view text) {
  return text.starts_with(string_view("\0\0\0\x0cjP  \r\n\x87\n", 12)) || text.starts_with("\xff\x4f\xff\x51");
}

bool always(Bytes) { return true; }

/// Colour types with alpha or a palette, 16 bits, or a tRNS chunk, which stands before the pixels.
bool rich_png(Bytes file) {
  constexpr size_t kDepth = 24, kColourType = 25, kWhereChunksAre = 4096;
  const string_view text = as_text(file);
  return text.size() > kColourType &&
         (text[kDepth] == 16 || (text[kColourType] != 0 && text[kColourType] != 2) || text.substr(0, kWhereChunksAre).find("tRNS") != text.npos);
}

constexpr std::array kFormats = {
    FormatRow{Format::jpeg, "JPEG", kJpeg, nullptr, begins_jpeg, decode_jpeg, jpeg_orientation},
    FormatRow{Format::png, "PNG", kPng, rich_png, begins_png, decode_png, png_orientation},
    FormatRow{Format::webp, "WebP", kWebp, always, begins_webp, decode_webp, webp_orientation},
    FormatRow{Format::bmp, "BMP", kBmp, always, begins_bmp, decode_bmp, nullptr},
    FormatRow{Format::tiff, "TIFF", kTiff, always, begins_tiff, decode_tiff, tiff_orientation},
    FormatRow{Format::gif, "GIF", kGif, always, begins_gif, decode_gif, nullptr},
    FormatRow{Format::heif, "HEIC, AVIF", kHeif, always, begins_heif, decode_heif, nullptr},
    FormatRow{Format::jpeg2000, "JPEG 2000", kJpeg2000, always, begins_jpeg2000, decode_jpeg2000, nullptr},
    FormatRow{Format::dicom, "DICOM", kDicom, nullptr, begins_dicom, decode_dicom, nullptr},
};

}  // namespace

std::span<const FormatRow> formats() { return kFormats; }

std::string format_names() {
  std::string text(kFormats[0].name);
  for (std::size_t i = 1; i < kFormats.size(); ++i) text.append(i + 1 < kFormats.size() ? ", " : " or ").append(kFormats[i].name);
  return text;
}

const FormatRow* row_of(Bytes file) {
  const string_view text = as_text(file);
  const auto row = std::ranges::find_if(kFormats, [&](const FormatRow& r) { return r.begins(text); });
  return row == kFormats.end() ? nullptr : &*row;
}

bool may_be_rich(Bytes file) {
  const FormatRow* row = row_of(file);
  return row != nullptr && row->rich != nullptr && row->rich(file);
}

const FormatRow* format_by_name(string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == file_name.npos) return nullptr;
  const std::string extension = lower(file_name.substr(dot + 1));
  const auto row =
      std::ranges::find_if(kFormats, [&](const FormatRow& r) { return std::ranges::find(r.extensions, extension) != r.extensions.end(); });
  return row == kFormats.end() ? nullptr : &*row;
}

}  // namespace graft::image
