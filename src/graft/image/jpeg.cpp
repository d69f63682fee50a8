// JPEG by libjpeg-turbo. Its errors come back by longjmp, so the functions that call setjmp hold no C++ object with a destructor;
// what must be freed belongs to decode_jpeg() and to the Reader.
#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which uses FILE

#include <jpeglib.h>

#include <jerror.h>

#include "graft/image/formats.h"
#include "graft/image/inks.h"

namespace graft::image {
namespace {

enum class Stage { header, scans, rows };

struct Reader {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf back{};
  Stage stage = Stage::header;
  bool ended = false;  // libjpeg asked for more than there is and was given a made-up end marker
  std::array<char, JMSG_LENGTH_MAX> reason{};

  Reader() = default;
  ~Reader() { jpeg_destroy_decompress(&info); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
};

Reader& reader_of(j_common_ptr info) { return *static_cast<Reader*>(info->client_data); }

void on_error(j_common_ptr info) {
  Reader& reader = reader_of(info);
  info->err->format_message(info, reader.reason.data());
  std::longjmp(reader.back, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace, not a warning
  Reader& reader = reader_of(info);
  if (info->err->msg_code == JWRN_JPEG_EOF) reader.ended = true;
  // One scan: a missing end marker alone does no harm, a missing row does. Several: those that would have refined the image may be missing.
  const bool rows_missing = reader.stage == Stage::rows && info->err->msg_code == JWRN_HIT_MARKER;
  if (reader.ended && (reader.stage == Stage::scans || rows_missing)) std::longjmp(reader.back, 1);
}

// A few KB of empty scans can keep a decoder busy for minutes; no encoder writes more than a dozen.
void on_progress(j_common_ptr info) {
  constexpr int kMostScans = 500;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  Reader& reader = reader_of(info);
  std::snprintf(reader.reason.data(), reader.reason.size(), "more than %d scans", kMostScans);
  std::longjmp(reader.back, 1);
}

// Fewer coefficients of every block of 8x8 are transformed.
void choose_scale(jpeg_decompress_struct& info, int enough) {
  const JDIMENSION shorter = info.image_width < info.image_height ? info.image_width : info.image_height;
  unsigned divisor = 1;
  while (enough > 0 && divisor < 8 && (shorter + 2 * divisor - 1) / (2 * divisor) >= static_cast<unsigned>(enough)) divisor *= 2;
  info.scale_num = 1;
  info.scale_denom = divisor;
}

bool read_header(Reader& reader, const Source& source) {
  jpeg_decompress_struct& info = reader.info;
  info.err = jpeg_std_error(&reader.errors);
  info.client_data = &reader;
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  reader.progress.progress_monitor = on_progress;
  if (setjmp(reader.back)) return false;
  jpeg_create_decompress(&info);
  info.progress = &reader.progress;
  jpeg_mem_src(&info, source.data(), static_cast<unsigned long>(source.bytes.size()));
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.num_components == 4 ? JCS_CMYK : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  info.do_fancy_upsampling = TRUE;
  choose_scale(info, source.options.enough);
  jpeg_calc_output_dimensions(&info);
  return true;
}

// Pillow's way, for inverted inks as Adobe writes them: 255 is no ink.
void rgb_from_cmyk(const uint8_t* cmyk, uint8_t* rgb, size_t width) {
  for (size_t x = 0; x < width; ++x, cmyk += 4, rgb += 3)
    for (size_t c = 0; c < 3; ++c) rgb[c] = under_inks(255U - cmyk[c], 255U - cmyk[3]);
}

// pixels: height x width x 3.
bool read_rows(Reader& reader, uint8_t* pixels) {
  jpeg_decompress_struct& info = reader.info;
  if (setjmp(reader.back)) return false;
  reader.stage = Stage::scans;
  jpeg_start_decompress(&info);
  reader.stage = Stage::rows;
  const size_t width = info.output_width, stride = 3 * width;
  if (info.out_color_space == JCS_CMYK) {
    JSAMPARRAY line = info.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE, info.output_width * 4, 1);
    while (info.output_scanline < info.output_height) {
      uint8_t* row = pixels + stride * info.output_scanline;
      if (jpeg_read_scanlines(&info, line, 1) == 1) rgb_from_cmyk(line[0], row, width);
    }
    return true;
  }
  while (info.output_scanline < info.output_height) {
    constexpr JDIMENSION kRows = 8;
    JSAMPROW rows[kRows];
    const JDIMENSION left = info.output_height - info.output_scanline;
    const JDIMENSION count = left < kRows ? left : kRows;
    for (JDIMENSION i = 0; i < count; ++i) rows[i] = pixels + stride * (info.output_scanline + i);
    jpeg_read_scanlines(&info, rows, count);
  }
  return true;
}

[[noreturn]] void fail_jpeg(const Source& source, const Reader& reader) {
  if (!reader.ended) fail(source, fmt::format("broken JPEG: {}", reader.reason.data()));
  if (reader.stage == Stage::header) fail(source, "truncated JPEG (ends before its first row)");
  if (reader.stage == Stage::scans) fail(source, fmt::format("truncated JPEG (ends in scan {})", reader.info.input_scan_number));
  fail(source, fmt::format("truncated JPEG ({} of {} rows are readable)", reader.info.output_scanline, reader.info.output_height));
}

}  // namespace

Image decode_jpeg(const Source& source) {
  Reader reader;
  if (!read_header(reader, source)) fail_jpeg(source, reader);
  const int components = reader.info.num_components;
  if (components != 1 && components != 3 && components != 4)
    fail(source, fmt::format("JPEG with {} color components, expected 1, 3 or 4", components));
  check_size(source, reader.info.image_width, reader.info.image_height);  // progressive ones are held whole, whatever the scale
  Image image = sized_image(source, reader.info.output_width, reader.info.output_height);
  if (!read_rows(reader, image.pixels.data())) fail_jpeg(source, reader);
  return image;
}

}  // namespace graft::image
