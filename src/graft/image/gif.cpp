// GIF by giflib: the first frame on its screen, as Pillow shows it before anything moves.
#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "graft/image/formats.h"
#include "graft/image/library.h"

namespace graft::image {
namespace {

struct Gif {
  decltype(&::DGifOpen) open;
  decltype(&::DGifCloseFile) close;
  decltype(&::DGifGetRecordType) next;
  decltype(&::DGifGetImageDesc) frame;
  decltype(&::DGifGetLine) line;
  decltype(&::DGifGetExtension) extension;
  decltype(&::DGifGetExtensionNext) extension_next;
  decltype(&::GifErrorString) text;

  explicit Gif(const Source& source) {
    const Library library(source, "libgif.so.7", "GIF", "libgif7");
    library.find("DGifOpen", open);
    library.find("DGifCloseFile", close);
    library.find("DGifGetRecordType", next);
    library.find("DGifGetImageDesc", frame);
    library.find("DGifGetLine", line);
    library.find("DGifGetExtension", extension);
    library.find("DGifGetExtensionNext", extension_next);
    library.find("GifErrorString", text);
  }
};

const Gif& gif(const Source& source) {
  static const Gif loaded(source);
  return loaded;
}

struct Reader {
  const Source& source;
  const Gif& library;
  size_t at = 0;
  bool ended = false;  // giflib asked for more than there is
  GifFileType* file = nullptr;

  explicit Reader(const Source& s) : source(s), library(gif(s)) {}
  ~Reader() {
    if (file != nullptr) library.close(file, nullptr);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[noreturn]] void refuse(int code) const {
    if (ended) fail(source, "truncated GIF");
    const char* reason = library.text(code);
    fail(source, reason == nullptr ? "broken GIF" : fmt::format("broken GIF: {}", reason));
  }
  void check(int result) const {
    if (result != GIF_OK) refuse(file->Error);
  }
};

int read_bytes(GifFileType* file, GifByteType* to, int size) {
  Reader& reader = *static_cast<Reader*>(file->UserData);
  const size_t left = reader.source.bytes.size() - reader.at, count = std::min(left, static_cast<size_t>(size));
  if (count > 0) std::memcpy(to, reader.source.data() + reader.at, count);
  reader.at += count;
  reader.ended = reader.ended || count < static_cast<size_t>(size);
  return static_cast<int>(count);
}

/// Goes to the first frame's pixels; what stands before it may name the index that is transparent.
std::optional<unsigned> go_to_frame(Reader& r) {
  std::optional<unsigned> transparent;
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    r.check(r.library.next(r.file, &type));
    if (type == TERMINATE_RECORD_TYPE) fail(r.source, "GIF without a picture");
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type != EXTENSION_RECORD_TYPE) continue;
    int kind = 0;
    GifByteType* block = nullptr;  // its length, then its bytes
    r.check(r.library.extension(r.file, &kind, &block));
    if (kind == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4 && (block[1] & 1) != 0) transparent = block[4];
    while (block != nullptr) r.check(r.library.extension_next(r.file, &block));
  }
  r.check(r.library.frame(r.file));
  return transparent;
}

using Colours = std::array<std::array<uint8_t, 4>, 256>;

/// Of the frame, else of the screen, else grey; black beyond their end.
Colours colours_of(const GifFileType& file, std::optional<unsigned> transparent) {
  const ColorMapObject* map = file.Image.ColorMap != nullptr ? file.Image.ColorMap : file.SColorMap;
  Colours colours{};
  for (unsigned i = 0; i < 256; ++i) {
    colours[i][3] = i == transparent ? 0 : 255;
    if (map == nullptr) std::fill_n(colours[i].begin(), 3, static_cast<uint8_t>(i));
    else if (static_cast<int>(i) < map->ColorCount) colours[i] = {map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue, colours[i][3]};
  }
  return colours;
}

/// The rows of a frame in the order of the file.
std::vector<int> rows_of(int height, bool interlaced) {
  std::vector<int> rows;
  if (!interlaced) {
    for (int y = 0; y < height; ++y) rows.push_back(y);
    return rows;
  }
  for (const auto& [first, step] : {std::pair{0, 8}, {4, 8}, {2, 4}, {1, 2}})
    for (int y = first; y < height; y += step) rows.push_back(y);
  return rows;
}

}  // namespace

Image decode_gif(const Source& source) {
  Reader r(source);
  int code = 0;
  r.file = r.library.open(&r, read_bytes, &code);
  if (r.file == nullptr) r.refuse(code);
  check_size(source, std::max<GifWord>(r.file->SWidth, 1), std::max<GifWord>(r.file->SHeight, 1));
  const std::optional<unsigned> transparent = go_to_frame(r);
  const GifImageDesc& frame = r.file->Image;
  if (frame.Width <= 0 || frame.Height <= 0) fail(source, "GIF whose first frame has no pixels");
  Image image = sized_image(source, std::max(r.file->SWidth, frame.Left + frame.Width), std::max(r.file->SHeight, frame.Top + frame.Height));

  const Colours colours = colours_of(*r.file, transparent);
  bool seen = false;
  const auto put = [&](size_t pixel, unsigned index) {
    seen = seen || index == transparent;
    for (size_t c = 0; c < 3; ++c) image.pixels[3 * pixel + c] = before(source.options.background, colours[index][c], colours[index][3]);
  };
  for (size_t i = 0; i < image.pixels.size() / 3; ++i) put(i, transparent.value_or(0));  // where the frame is smaller than its screen
  seen = false;
  std::vector<GifPixelType> line(static_cast<size_t>(frame.Width));
  for (const int y : rows_of(frame.Height, frame.Interlace)) {
    r.check(r.library.line(r.file, line.data(), frame.Width));
    const size_t start = static_cast<size_t>(frame.Top + y) * static_cast<size_t>(image.width) + static_cast<size_t>(frame.Left);
    for (size_t x = 0; x < line.size(); ++x) put(start + x, line[x]);
  }
  note_transparency(source, seen || (transparent && (frame.Width < image.width || frame.Height < image.height)));
  return image;
}

}  // namespace graft::image
