// TIFF by libtiff: the first page, 1 to 16 bits, grey, palette, RGB and CMYK, in strips or tiles, however it is compressed.
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "graft/image/formats.h"
#include "graft/image/inks.h"
#include "graft/image/library.h"

namespace graft::image {
namespace {

struct Tiff {
  decltype(&::TIFFOpenOptionsAlloc) new_options;
  decltype(&::TIFFOpenOptionsFree) free_options;
  decltype(&::TIFFOpenOptionsSetMaxSingleMemAlloc) set_limit;
  decltype(&::TIFFOpenOptionsSetErrorHandlerExtR) on_error;
  decltype(&::TIFFOpenOptionsSetWarningHandlerExtR) on_warning;
  decltype(&::TIFFClientOpenExt) open;
  decltype(&::TIFFClose) close;
  decltype(&::TIFFGetField) get;
  decltype(&::TIFFGetFieldDefaulted) get_or_default;
  decltype(&::TIFFSetField) set;
  decltype(&::TIFFIsTiled) is_tiled;
  decltype(&::TIFFComputeStrip) strip_at;
  decltype(&::TIFFComputeTile) tile_at;
  decltype(&::TIFFReadEncodedStrip) read_strip;
  decltype(&::TIFFReadEncodedTile) read_tile;
  decltype(&::TIFFReadRGBAImageOriented) read_rgba;

  explicit Tiff(const Source& source) {
    const Library library(source, "libtiff.so.6", "TIFF", "libtiff6");
    library.find("TIFFOpenOptionsAlloc", new_options);
    library.find("TIFFOpenOptionsFree", free_options);
    library.find("TIFFOpenOptionsSetMaxSingleMemAlloc", set_limit);
    library.find("TIFFOpenOptionsSetErrorHandlerExtR", on_error);
    library.find("TIFFOpenOptionsSetWarningHandlerExtR", on_warning);
    library.find("TIFFClientOpenExt", open);
    library.find("TIFFClose", close);
    library.find("TIFFGetField", get);
    library.find("TIFFGetFieldDefaulted", get_or_default);
    library.find("TIFFSetField", set);
    library.find("TIFFIsTiled", is_tiled);
    library.find("TIFFComputeStrip", strip_at);
    library.find("TIFFComputeTile", tile_at);
    library.find("TIFFReadEncodedStrip", read_strip);
    library.find("TIFFReadEncodedTile", read_tile);
    library.find("TIFFReadRGBAImageOriented", read_rgba);
  }
};

/// The open file, and what libtiff first complained about.
struct Reader {
  const Source& source;
  const Tiff& tiff;
  std::string reason = {};
  size_t at = 0;
  TIFF* file = nullptr;

  Reader(const Source& s, const Tiff& t) : source(s), tiff(t) { open(); }
  ~Reader() {
    if (file != nullptr) tiff.close(file);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  void open();
  [[noreturn]] void refuse() const { fail(source, "broken TIFF" + (reason.empty() ? std::string() : ": " + reason)); }
};

int keep_reason(TIFF*, void* reader, const char*, const char* format, va_list values) {
  std::array<char, 200> text{};
  std::vsnprintf(text.data(), text.size(), format, values);
  std::string& reason = static_cast<Reader*>(reader)->reason;
  if (reason.empty()) reason = text.data();
  return 1;
}

int ignore(TIFF*, void*, const char*, const char*, va_list) { return 1; }

// The whole file is given as if it were mapped; only its header is read and sought.
tmsize_t read_bytes(thandle_t reader, void* to, tmsize_t size) {
  Reader& r = *static_cast<Reader*>(reader);
  const size_t total = r.source.bytes.size(), count = std::min(static_cast<size_t>(std::max<tmsize_t>(size, 0)), total - std::min(r.at, total));
  if (count > 0) std::memcpy(to, r.source.data() + r.at, count);
  r.at += count;
  return static_cast<tmsize_t>(count);
}
toff_t seek(thandle_t reader, toff_t to, int whence) {
  Reader& r = *static_cast<Reader*>(reader);
  return r.at = (whence == SEEK_CUR ? r.at : whence == SEEK_END ? r.source.bytes.size() : 0) + to;
}
int leave_open(thandle_t) { return 0; }
toff_t size_of(thandle_t reader) { return static_cast<const Reader*>(reader)->source.bytes.size(); }
int map(thandle_t reader, void** base, toff_t* size) {
  const Source& source = static_cast<const Reader*>(reader)->source;
  *base = const_cast<std::byte*>(source.bytes.data());  // libtiff does not write there
  *size = source.bytes.size();
  return 1;
}
void unmap(thandle_t, void*, toff_t) {}

/// What libtiff may ask for at once: directories and tables, which the file bounds, and one buffer of rows.
void Reader::open() {
  TIFFOpenOptions* options = tiff.new_options();
  const auto limit = static_cast<tmsize_t>(16 * source.bytes.size() + (size_t{16} << 20U));
  tiff.set_limit(options, limit);
  tiff.on_error(options, keep_reason, this);
  tiff.on_warning(options, ignore, nullptr);
  // r: read; M would forbid the mapping; O: offsets on demand, so that tables of millions of strips are not held
  file = tiff.open("photo", "rO", this, read_bytes, read_bytes, seek, leave_open, size_of, map, unmap, options);
  tiff.free_options(options);
  if (file == nullptr) refuse();
}

struct Layout {
  uint32_t width = 0, height = 0, unit_width = 0, unit_height = 0;  // of the picture, and of a tile or strip
  uint16_t bits = 1, samples = 1, photometric = 0, planes = PLANARCONFIG_CONTIG, format = SAMPLEFORMAT_UINT, compression = 1;
  uint16_t extra = 0;  // what the first sample beyond the colours is; 0: nothing that matters
  size_t colours = 1;
  std::array<const uint16_t*, 3> map{};  // of palettes
  bool tiled = false, ycc = false;       // ycc: YCbCr pixel by pixel, as Pillow reads it itself

  bool has_alpha() const { return samples > colours && (extra == EXTRASAMPLE_ASSOCALPHA || extra == EXTRASAMPLE_UNASSALPHA); }
  size_t in_plane() const { return planes == PLANARCONFIG_SEPARATE ? 1 : samples; }
  size_t plane_count() const { return planes == PLANARCONFIG_SEPARATE ? samples : 1; }
  size_t row_bytes() const { return (size_t{unit_width} * in_plane() * bits + 7) / 8; }
};

void check_kind(const Source& source, const Layout& l) {
  constexpr uint16_t kMostSamples = 6;
  if (l.format != SAMPLEFORMAT_UINT && l.format != SAMPLEFORMAT_VOID)
    fail(source, fmt::format("TIFF of {} numbers, expected unsigned whole numbers of 1 to 16 bits",
                             l.format == SAMPLEFORMAT_IEEEFP ? "floating-point" : "signed or complex"));
  if (const bool one = l.colours == 1 && l.samples == 1; !(l.bits == 8 || l.bits == 16 || (one && (l.bits == 1 || l.bits == 2 || l.bits == 4))))
    fail(source, fmt::format("TIFF with {} bits per sample and {} samples per pixel, which is not supported", l.bits, l.samples));
  if (l.samples < l.colours || l.samples > kMostSamples)
    fail(source, fmt::format("TIFF with {} samples per pixel, expected {} to {}", l.samples, l.colours, kMostSamples));
}

size_t colours_of(const Source& source, uint16_t photometric) {
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE: return 1;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR: return 3;
    case PHOTOMETRIC_SEPARATED: return 4;
    default: fail(source, fmt::format("TIFF of the color space {}, expected gray, a palette, RGB, YCbCr or CMYK", photometric));
  }
}

Layout layout_of(const Reader& r) {
  Layout l;
  TIFF* file = r.file;
  r.tiff.get(file, TIFFTAG_IMAGEWIDTH, &l.width);
  r.tiff.get(file, TIFFTAG_IMAGELENGTH, &l.height);
  check_size(r.source, l.width, l.height);
  r.tiff.get_or_default(file, TIFFTAG_BITSPERSAMPLE, &l.bits);
  r.tiff.get_or_default(file, TIFFTAG_SAMPLESPERPIXEL, &l.samples);
  r.tiff.get_or_default(file, TIFFTAG_PLANARCONFIG, &l.planes);
  r.tiff.get_or_default(file, TIFFTAG_SAMPLEFORMAT, &l.format);
  r.tiff.get_or_default(file, TIFFTAG_COMPRESSION, &l.compression);
  if (r.tiff.get(file, TIFFTAG_PHOTOMETRIC, &l.photometric) == 0) l.photometric = PHOTOMETRIC_MINISBLACK;
  l.colours = colours_of(r.source, l.photometric);
  std::array<uint16_t, 2> block{};  // of pixels that share their colour
  r.tiff.get_or_default(r.file, TIFFTAG_YCBCRSUBSAMPLING, &block[0], &block[1]);
  l.ycc = l.photometric == PHOTOMETRIC_YCBCR && l.compression == COMPRESSION_NONE && l.planes == PLANARCONFIG_CONTIG && block[0] * block[1] == 1;
  check_kind(r.source, l);
  uint16_t count = 0;
  const uint16_t* kinds = nullptr;
  r.tiff.get_or_default(file, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  if (count > 0 && kinds != nullptr) l.extra = kinds[0];
  if (l.photometric == PHOTOMETRIC_PALETTE && (l.bits > 8 || r.tiff.get(file, TIFFTAG_COLORMAP, &l.map[0], &l.map[1], &l.map[2]) == 0))
    fail(r.source, "TIFF without a palette for its colors");
  l.tiled = r.tiff.is_tiled(file) != 0;
  l.unit_width = l.width;
  if (l.tiled) {
    r.tiff.get(file, TIFFTAG_TILEWIDTH, &l.unit_width);
    r.tiff.get(file, TIFFTAG_TILELENGTH, &l.unit_height);
  } else {
    r.tiff.get_or_default(file, TIFFTAG_ROWSPERSTRIP, &l.unit_height);
    l.unit_height = std::min(l.unit_height, l.height);
  }
  check_size(r.source, l.unit_width, l.unit_height);
  return l;
}

/// Samples of a strip or tile to RGBA.
class Pixels {
 public:
  Pixels(const Source& source, const Layout& layout, std::span<const uint8_t> unit)
      : l_(layout), unit_(unit), plane_bytes_(l_.row_bytes() * l_.unit_height), narrow_(source) {}

  void read(size_t x, size_t y, std::array<uint8_t, 4>& rgba) {
    std::array<uint8_t, 5> v{};
    const size_t count = l_.colours + (l_.has_alpha() ? 1 : 0);
    for (size_t c = 0; c < count; ++c) v[c] = sample(x, y, c, c < l_.colours);
    rgba[3] = l_.has_alpha() ? v[l_.colours] : 255;
    switch (l_.photometric) {
      case PHOTOMETRIC_MINISWHITE: rgba[0] = rgba[1] = rgba[2] = static_cast<uint8_t>(255 - v[0]); break;
      case PHOTOMETRIC_MINISBLACK: rgba[0] = rgba[1] = rgba[2] = v[0]; break;
      case PHOTOMETRIC_PALETTE:
        for (size_t c = 0; c < 3; ++c) rgba[c] = static_cast<uint8_t>(l_.map[c][v[0]] >> 8);
        break;
      case PHOTOMETRIC_SEPARATED:
        for (size_t c = 0; c < 3; ++c) rgba[c] = under_inks(v[c], v[3]);
        break;
      default:
        std::copy_n(v.begin(), 3, rgba.begin());
        if (l_.ycc) ycc_to_rgb(rgba.data());
    }
    if (l_.has_alpha() && l_.extra == EXTRASAMPLE_ASSOCALPHA && rgba[3] < 255)  // colours times alpha
      for (size_t c = 0; c < 3; ++c) rgba[c] = rgba[3] == 0 ? uint8_t{0} : static_cast<uint8_t>(std::min(255, rgba[c] * 255 / rgba[3]));
  }

 private:
  uint8_t sample(size_t x, size_t y, size_t c, bool colour) {
    const bool apart = l_.planes == PLANARCONFIG_SEPARATE;
    const uint8_t* row = unit_.data() + (apart ? c * plane_bytes_ : 0) + y * l_.row_bytes();
    const size_t i = apart ? x : x * l_.samples + c;
    if (l_.bits == 8) return row[i];
    if (l_.bits == 16) {
      uint16_t value = 0;
      std::memcpy(&value, row + 2 * i, 2);
      return colour ? narrow_(value) : static_cast<uint8_t>(value >> 8);
    }
    const size_t per_byte = 8U / l_.bits;
    const unsigned shift = static_cast<unsigned>(l_.bits * (per_byte - 1 - i % per_byte)), most = (1U << l_.bits) - 1;
    const unsigned value = (row[i / per_byte] >> shift) & most;
    return static_cast<uint8_t>(l_.photometric == PHOTOMETRIC_PALETTE ? value : value * 255 / most);
  }

  const Layout& l_;
  std::span<const uint8_t> unit_;
  size_t plane_bytes_;
  Narrowing narrow_;
};

/// Every plane of the strip or tile whose first pixel is there.
void read_unit(const Reader& r, const Layout& l, uint32_t x, uint32_t y, std::vector<uint8_t>& unit) {
  const uint32_t rows = l.tiled ? l.unit_height : std::min(l.unit_height, l.height - y);
  const size_t plane_bytes = l.row_bytes() * l.unit_height;
  for (size_t plane = 0; plane < l.plane_count(); ++plane) {
    const auto at = static_cast<uint16_t>(plane);
    const auto wanted = static_cast<tmsize_t>(l.row_bytes() * rows);
    uint8_t* to = unit.data() + plane * plane_bytes;
    const tmsize_t got = l.tiled ? r.tiff.read_tile(r.file, r.tiff.tile_at(r.file, x, y, 0, at), to, wanted)
                                 : r.tiff.read_strip(r.file, r.tiff.strip_at(r.file, y, at), to, wanted);
    if (got < 0) r.refuse();
    if (got < wanted) fail(r.source, fmt::format("truncated TIFF ({} of {} rows are readable)", y, l.height));
  }
}

/// Other YCbCr that is not JPEG's: libtiff knows its matrices and its subsampling.
Image read_by_libtiff(const Reader& r, const Layout& l) {
  Image image = sized_image(r.source, l.width, l.height);
  const auto raster = std::make_unique<uint32_t[]>(image.pixels.size() / 3);
  if (r.tiff.read_rgba(r.file, l.width, l.height, raster.get(), ORIENTATION_TOPLEFT, 1) == 0) r.refuse();
  put_rgba(r.source, reinterpret_cast<const uint8_t*>(raster.get()), image);
  return image;
}

}  // namespace

Image decode_tiff(const Source& source) {
  static const Tiff tiff(source);
  Reader r(source, tiff);
  const Layout l = layout_of(r);
  if (l.photometric == PHOTOMETRIC_YCBCR && !l.ycc) {
    if (l.compression != COMPRESSION_JPEG || l.planes != PLANARCONFIG_CONTIG) return read_by_libtiff(r, l);
    tiff.set(r.file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  Image image = sized_image(source, l.width, l.height);
  std::vector<uint8_t> unit(l.row_bytes() * l.unit_height * l.plane_count());
  Pixels pixels(source, l, unit);
  bool transparent = false;
  for (uint32_t top = 0; top < l.height; top += l.unit_height)
    for (uint32_t left = 0; left < l.width; left += l.unit_width) {
      read_unit(r, l, left, top, unit);
      for (uint32_t y = top; y < std::min(top + l.unit_height, l.height); ++y)
        for (uint32_t x = left; x < std::min(left + l.unit_width, l.width); ++x) {
          std::array<uint8_t, 4> rgba;
          pixels.read(x - left, y - top, rgba);
          transparent = transparent || rgba[3] < 255;
          for (size_t c = 0; c < 3; ++c) image.pixels[3 * (size_t{y} * l.width + x) + c] = before(source.options.background, rgba[c], rgba[3]);
        }
    }
  note_transparency(source, transparent);
  return image;
}

}  // namespace graft::image
