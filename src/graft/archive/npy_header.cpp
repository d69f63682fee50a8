#include "graft/archive/npy_header.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "graft/base/error.h"

namespace graft::archive {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kNpyAlignment = 64;
constexpr const char* kDamagedNpy = "the file is damaged; write it again";

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran;
  std::optional<std::vector<uint64_t>> shape;
};

/// The dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, keys in any order. Every function returns false, and the parser
/// is of no further use, when something else stands there.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  bool parse(Header& header) {
    if (!take('{')) return false;
    while (!take('}')) {
      const std::optional<std::string> key = quoted();
      if (!key || !take(':') || !value(*key, header)) return false;
      if (!take(',') && !peek('}')) return false;
    }
    skip_spaces();
    return text_.empty() && header.descr && header.fortran && header.shape;
  }

 private:
  bool value(std::string_view key, Header& header) {
    if (key == "descr" && !header.descr) return (header.descr = quoted()).has_value();
    if (key == "fortran_order" && !header.fortran) {
      if (word("True")) header.fortran = true;
      else if (word("False")) header.fortran = false;
      return header.fortran.has_value();
    }
    if (key == "shape" && !header.shape) return shape(header.shape.emplace());
    return false;
  }

  bool shape(std::vector<uint64_t>& dims) {
    if (!take('(')) return false;
    while (!take(')')) {
      skip_spaces();
      uint64_t size = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error != std::errc()) return false;
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      dims.push_back(size);
      if (!take(',') && !peek(')')) return false;
    }
    return true;
  }

  std::optional<std::string> quoted() {
    skip_spaces();
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) return std::nullopt;
    const std::size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string inside(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return inside;
  }

  bool word(std::string_view expected) {
    skip_spaces();
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }

  bool peek(char c) {
    skip_spaces();
    return text_.starts_with(c);
  }
  bool take(char c) {
    if (!peek(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void skip_spaces() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t')) text_.remove_prefix(1);
  }

  std::string_view text_;
};

}  // namespace

NpyHeader read_npy_header(Bytes bytes, const std::string& name, const std::string& hint) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with(kMagic)) throw data_error(name, "not a NumPy file: it does not begin with \\x93NUMPY", hint);
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (bytes.size() < 10) throw data_error(name, fmt::format("ends after {} bytes, within its header", bytes.size()), kDamagedNpy);
  if (byte(6) < 1 || byte(6) > 3) throw data_error(name, fmt::format("NumPy format {}.{}, expected 1.0 to 3.0", byte(6), byte(7)));
  const std::size_t start = byte(6) == 1 ? 10 : 12;
  if (bytes.size() < start) throw data_error(name, fmt::format("ends after {} bytes, within its header", bytes.size()), kDamagedNpy);
  std::size_t length = 0;
  for (std::size_t i = start; i-- > 8;) length = length << 8 | byte(i);
  if (length > bytes.size() - start)
    throw data_error(name, fmt::format("a header of {} bytes, but {} follow", length, bytes.size() - start), kDamagedNpy);
  Header header;
  if (!HeaderParser(text.substr(start, length)).parse(header))
    throw data_error(name, "its header is not a dictionary of descr, fortran_order and shape", kDamagedNpy);
  return {std::move(*header.descr), *header.fortran, std::move(*header.shape), start + length};
}

std::optional<uint64_t> npy_bytes(std::span<const uint64_t> shape, uint64_t element) {
  uint64_t size = element;
  for (const uint64_t dim : shape)
    if (__builtin_mul_overflow(size, dim, &size)) return std::nullopt;
  return size;
}

std::string npy_header(std::string_view descr, std::size_t rows, std::size_t width) {
  const std::size_t shape[] = {rows, width};
  return npy_header(descr, shape);
}

std::string npy_header(std::string_view descr, std::span<const std::size_t> shape) {
  const std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr, fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  const std::size_t before = kMagic.size() + 4, whole = (before + dictionary.size() + 1 + kNpyAlignment - 1) / kNpyAlignment * kNpyAlignment;
  const std::size_t length = whole - before;
  std::string header(kMagic);
  header += {'\x01', '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  header += dictionary;
  header.resize(whole - 1, ' ');
  return header + '\n';
}

}  // namespace graft::archive
