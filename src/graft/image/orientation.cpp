// Where JPEG, PNG and WebP keep their EXIF and XMP.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "graft/image/exif.h"
#include "graft/image/formats.h"

namespace graft::image {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6);

bool starts_with(Bytes bytes, std::string_view text) { return as_text(bytes).starts_with(text); }

/// A deflated text, cut at what Pillow takes at most; what is broken behind its beginning is left out.
std::string inflated(Bytes bytes) {
  constexpr size_t kMost = size_t{1} << 20U;
  std::string text;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return text;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::array<char, 4096> part;
  for (int code = Z_OK; code == Z_OK && text.size() < kMost;) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = part.size();
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return text;
}

/// Cuts the text up to a zero byte off, or nothing when there is none.
std::optional<std::string_view> cut_word(Bytes& bytes) {
  const std::string_view text = as_text(bytes);
  const size_t end = text.find('\0');
  if (end == text.npos) return std::nullopt;
  bytes = bytes.subspan(end + 1);
  return text.substr(0, end);
}

struct Text {
  std::string key, value;
};

/// What a tEXt, zTXt or iTXt chunk says, when it is one that matters here. Others are not inflated.
std::optional<Text> text_of(std::string_view kind, Bytes data) {
  const std::optional<std::string_view> key = cut_word(data);
  if (!key || (*key != "Raw profile type exif" && *key != "XML:com.adobe.xmp")) return std::nullopt;
  bool packed = kind == "zTXt";
  if (kind == "iTXt") {
    if (data.size() < 2) return std::nullopt;
    packed = data[0] != std::byte{0};
    if (packed && data[1] != std::byte{0}) return std::nullopt;
    data = data.subspan(2);
    if (!cut_word(data) || !cut_word(data)) return std::nullopt;  // language, and the key in that language
  } else if (packed) {
    if (data.empty() || data[0] != std::byte{0}) return std::nullopt;
    data = data.subspan(1);
  }
  return Text{std::string(*key), packed ? inflated(data) : std::string(as_text(data))};
}

/// The bytes of a raw profile: an empty line, its name, its length, then hexadecimal digits in lines. Empty when it is none.
std::string raw_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0 && c != '\n' && c != ' ' && c != '\r' && c != '\t') return {};
    if (digit < 0) continue;
    if (high >= 0) bytes += static_cast<char>(high * 16 + digit);
    high = high >= 0 ? -1 : digit;
  }
  return bytes;
}

Bytes without_exif_word(Bytes exif) { return starts_with(exif, kExif) ? exif.subspan(kExif.size()) : exif; }

}  // namespace

std::vector<JpegSegment> jpeg_segments(Bytes file) {
  constexpr uint64_t kStartOfScan = 0xda, kEndOfImage = 0xd9;
  std::vector<JpegSegment> segments;
  for (size_t at = 2; at + 4 <= file.size();) {
    const uint64_t marker = number_at(file, at + 1, 1, true);
    if (file[at] != std::byte{0xff} || marker == kStartOfScan || marker == kEndOfImage) break;
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    const size_t length = number_at(file, at + 2, 2, true);  // counts itself
    if (length < 2 || at + 2 + length > file.size()) break;
    segments.push_back({static_cast<int>(marker), file.subspan(at + 4, length - 2)});
    at += 2 + length;
  }
  return segments;
}

Metadata jpeg_metadata(Bytes file) {
  constexpr int kApp1 = 0xe1;
  constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
  Metadata found;
  for (const auto& [marker, segment] : jpeg_segments(file)) {
    if (marker == kApp1 && found.exif.empty() && starts_with(segment, kExif)) found.exif = segment.subspan(kExif.size());
    if (marker == kApp1 && starts_with(segment, kXmp)) found.xmp = segment.subspan(kXmp.size());
  }
  return found;
}

int jpeg_orientation(Bytes file) { return orientation_of(jpeg_metadata(file)); }

int png_orientation(Bytes file) {
  Metadata found;
  std::string profile, xmp;
  for (size_t at = 8; at + 12 <= file.size();) {  // length, type, data, checksum
    const size_t length = number_at(file, at, 4, true);
    if (length > file.size() - at - 12) break;
    const std::string_view kind = as_text(file.subspan(at + 4, 4));
    const Bytes data = file.subspan(at + 8, length);
    if (kind == "eXIf") found.exif = data;
    if (kind == "tEXt" || kind == "zTXt" || kind == "iTXt") {
      if (std::optional<Text> text = text_of(kind, data)) (text->key.starts_with("Raw") ? profile : xmp) = std::move(text->value);
    }
    at += 12 + length;
  }
  if (found.exif.empty()) {
    profile = raw_profile(profile);
    found.exif = without_exif_word(as_bytes(profile));
  }
  found.xmp = as_bytes(xmp);
  return orientation_of(found);
}

Metadata webp_metadata(Bytes file) {
  Metadata found;
  for (size_t at = 12; at + 8 <= file.size();) {
    const size_t length = number_at(file, at + 4, 4, false);
    if (length > file.size() - at - 8) break;
    const Bytes chunk = file.subspan(at + 8, length);
    const std::string_view kind = as_text(file.subspan(at, 4));
    if (kind == "EXIF" && found.exif.empty()) found.exif = without_exif_word(chunk);
    if (kind == "XMP ") found.xmp = chunk;
    at += 8 + length + length % 2;
  }
  return found;
}

int webp_orientation(Bytes file) { return orientation_of(webp_metadata(file)); }

}  // namespace graft::image
