// JPEG 2000 (.jp2 and bare codestreams) by OpenJPEG: 1 to 4 components of up to 16 bits.
#include <fmt/format.h>
#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "graft/base/text.h"
#include "graft/image/formats.h"
#include "graft/image/inks.h"
#include "graft/image/library.h"

namespace graft::image {
namespace {

struct OpenJpeg {
  decltype(&::opj_create_decompress) new_codec;
  decltype(&::opj_destroy_codec) free_codec;
  decltype(&::opj_set_default_decoder_parameters) defaults;
  decltype(&::opj_setup_decoder) setup;
  decltype(&::opj_set_error_handler) on_error;
  decltype(&::opj_stream_create) new_stream;
  decltype(&::opj_stream_destroy) free_stream;
  decltype(&::opj_stream_set_read_function) set_read;
  decltype(&::opj_stream_set_skip_function) set_skip;
  decltype(&::opj_stream_set_seek_function) set_seek;
  decltype(&::opj_stream_set_user_data) set_data;
  decltype(&::opj_stream_set_user_data_length) set_length;
  decltype(&::opj_read_header) read_header;
  decltype(&::opj_decode) decode;
  decltype(&::opj_image_destroy) free_image;

  explicit OpenJpeg(const Source& source) {
    const Library library(source, "libopenjp2.so.7", "JPEG 2000", "libopenjp2-7");
    library.find("opj_create_decompress", new_codec);
    library.find("opj_destroy_codec", free_codec);
    library.find("opj_set_default_decoder_parameters", defaults);
    library.find("opj_setup_decoder", setup);
    library.find("opj_set_error_handler", on_error);
    library.find("opj_stream_create", new_stream);
    library.find("opj_stream_destroy", free_stream);
    library.find("opj_stream_set_read_function", set_read);
    library.find("opj_stream_set_skip_function", set_skip);
    library.find("opj_stream_set_seek_function", set_seek);
    library.find("opj_stream_set_user_data", set_data);
    library.find("opj_stream_set_user_data_length", set_length);
    library.find("opj_read_header", read_header);
    library.find("opj_decode", decode);
    library.find("opj_image_destroy", free_image);
  }
};

const OpenJpeg& openjpeg(const Source& source) {
  static const OpenJpeg loaded(source);
  return loaded;
}

constexpr std::string_view kCodestream("\xff\x4f\xff\x51", 4);  // start of codestream, and of its size

/// OpenJPEG makes room for every tile and component that a header speaks of before it tells what they are, so the headers are looked at first. One
/// that is none, by chance inside other data, is as good as impossible.
void check_headers(const Source& source) {
  constexpr uint64_t kMostTiles = 4096, kMostComponents = 4;
  const std::string_view text = as_text(source.bytes);
  for (size_t at = text.find(kCodestream); at != text.npos; at = text.find(kCodestream, at + 1)) {
    constexpr size_t kFields = 8, kSize = 42;  // the first of eight numbers of 4 bytes, and the length of all
    if (text.size() - at < kSize) fail(source, "truncated JPEG 2000 (ends in its header)");
    const auto field = [&](size_t i) { return number_at(source.bytes, at + kFields + 4 * i, 4, true); };
    const uint64_t left = field(2), top = field(3);
    if (field(0) <= left || field(1) <= top) fail(source, "broken JPEG 2000: no pixels");
    check_size(source, static_cast<int64_t>(field(0) - left), static_cast<int64_t>(field(1) - top));
    if (field(4) == 0 || field(5) == 0 || field(6) > left || field(7) > top) fail(source, "broken JPEG 2000: invalid tiles");
    const auto tiles = [&](size_t i) { return (field(i) - field(6 + i) + field(4 + i) - 1) / field(4 + i); };
    if (tiles(0) * tiles(1) > kMostTiles)
      fail(source, fmt::format("JPEG 2000 of {} tiles, expected at most {}", with_commas(static_cast<long long>(tiles(0) * tiles(1))),
                               with_commas(static_cast<long long>(kMostTiles))));
    const uint64_t components = number_at(source.bytes, at + 40, 2, true);
    if (components < 1 || components > kMostComponents) fail(source, fmt::format("JPEG 2000 of {} components, expected 1 to 4", components));
  }
}

struct Reader {
  const Source& source;
  const OpenJpeg& library;
  size_t at = 0;
  std::string reason = {};
  opj_stream_t* stream = nullptr;
  opj_codec_t* codec = nullptr;
  opj_image_t* image = nullptr;

  explicit Reader(const Source& s) : source(s), library(openjpeg(s)) {}
  ~Reader() {
    if (image != nullptr) library.free_image(image);
    if (codec != nullptr) library.free_codec(codec);
    if (stream != nullptr) library.free_stream(stream);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  void check(bool good) const {
    if (!good) fail(source, "broken JPEG 2000" + (reason.empty() ? std::string() : ": " + reason));
  }
};

void keep_reason(const char* text, void* reader) {
  std::string& reason = static_cast<Reader*>(reader)->reason;
  if (reason.empty()) reason = trim(text);
}

OPJ_SIZE_T read_bytes(void* to, OPJ_SIZE_T size, void* reader) {
  Reader& r = *static_cast<Reader*>(reader);
  const size_t count = std::min(size, r.source.bytes.size() - r.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(to, r.source.data() + r.at, count);
  r.at += count;
  return count;
}

OPJ_OFF_T skip_bytes(OPJ_OFF_T size, void* reader) {
  Reader& r = *static_cast<Reader*>(reader);
  if (size < 0) return -1;
  r.at += std::min(static_cast<size_t>(size), r.source.bytes.size() - r.at);
  return size;
}

OPJ_BOOL seek_bytes(OPJ_OFF_T to, void* reader) {
  Reader& r = *static_cast<Reader*>(reader);
  if (to < 0 || static_cast<size_t>(to) > r.source.bytes.size()) return OPJ_FALSE;
  r.at = static_cast<size_t>(to);
  return OPJ_TRUE;
}

void decode(Reader& r) {
  const OpenJpeg& j = r.library;
  const bool bare = as_text(r.source.bytes).starts_with(kCodestream);
  r.stream = j.new_stream(size_t{64} << 10U, OPJ_TRUE);
  r.codec = j.new_codec(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  r.check(r.stream != nullptr && r.codec != nullptr);
  j.on_error(r.codec, keep_reason, &r);
  j.set_read(r.stream, read_bytes);
  j.set_skip(r.stream, skip_bytes);
  j.set_seek(r.stream, seek_bytes);
  j.set_data(r.stream, &r, nullptr);
  j.set_length(r.stream, r.source.bytes.size());
  opj_dparameters_t parameters;
  j.defaults(&parameters);
  r.check(j.setup(r.codec, &parameters) != OPJ_FALSE);
  r.check(j.read_header(r.stream, r.codec, &r.image) != OPJ_FALSE);
  r.check(j.decode(r.codec, r.stream, r.image) != OPJ_FALSE);
}

/// A component's values as 8 bits, wherever its own grid has them.
class Plane {
 public:
  Plane(const opj_image_t& image, const opj_image_comp_t& component, Narrowing& narrow)
      : image_(image), c_(component), narrow_(narrow), offset_(c_.sgnd != 0 ? 1 << (c_.prec - 1) : 0), most_((1 << c_.prec) - 1) {}

  uint8_t at(uint32_t x, uint32_t y, bool colour) const {
    const uint32_t column = std::min((image_.x0 + x) / c_.dx - std::min(c_.x0, (image_.x0 + x) / c_.dx), c_.w - 1);
    const uint32_t row = std::min((image_.y0 + y) / c_.dy - std::min(c_.y0, (image_.y0 + y) / c_.dy), c_.h - 1);
    const int value = std::clamp(c_.data[size_t{row} * c_.w + column] + offset_, 0, most_);
    if (c_.prec > 8) return colour ? narrow_(static_cast<unsigned>(value) << (16 - c_.prec)) : static_cast<uint8_t>(value >> (c_.prec - 8));
    return static_cast<uint8_t>(c_.prec == 8 ? value : value << (8 - c_.prec));
  }

 private:
  const opj_image_t& image_;
  const opj_image_comp_t& c_;
  Narrowing& narrow_;
  int offset_, most_;
};

}  // namespace

Image decode_jpeg2000(const Source& source) {
  check_headers(source);
  Reader r(source);
  decode(r);
  const opj_image_t& picture = *r.image;
  Image image = sized_image(source, int64_t{picture.x1} - picture.x0, int64_t{picture.y1} - picture.y0);
  const uint32_t count = picture.numcomps;
  if (count < 1 || count > 4) fail(source, fmt::format("JPEG 2000 of {} components, expected 1 to 4", count));
  Narrowing narrow(source);
  std::vector<Plane> planes;
  for (uint32_t c = 0; c < count; ++c) {
    const opj_image_comp_t& component = picture.comps[c];
    if (component.data == nullptr || component.w == 0 || component.h == 0 || component.dx == 0 || component.dy == 0)
      fail(source, "broken JPEG 2000: a component without values");
    if (component.prec < 1 || component.prec > 16) fail(source, fmt::format("JPEG 2000 with {} bits per sample, expected 1 to 16", component.prec));
    planes.emplace_back(picture, component, narrow);
  }
  const bool alpha = count == 2 || count == 4, grey = count <= 2, ycc = picture.color_space == OPJ_CLRSPC_SYCC && !grey;
  bool transparent = false;
  size_t i = 0;
  for (uint32_t y = 0; y < static_cast<uint32_t>(image.height); ++y)
    for (uint32_t x = 0; x < static_cast<uint32_t>(image.width); ++x, i += 3) {
      std::array<uint8_t, 4> v{};
      for (size_t c = 0; c < 3; ++c) v[c] = grey && c > 0 ? v[0] : planes[c].at(x, y, true);
      v[3] = alpha ? planes[count - 1].at(x, y, false) : 255;
      if (ycc) ycc_to_rgb(v.data());
      transparent = transparent || v[3] < 255;
      for (size_t c = 0; c < 3; ++c) image.pixels[i + c] = before(source.options.background, v[c], v[3]);
    }
  note_transparency(source, transparent);
  return image;
}

}  // namespace graft::image
