#include "graft/search/npy.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::search {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr const char* kDamaged = "the file is damaged; write it again";
constexpr std::size_t kAlignment = 64;

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

/// Takes magic, version, length and dictionary off the bytes.
Header take_header(Bytes& bytes, const std::string& name) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with(kMagic)) throw data_error(name, "not a NumPy file: it does not begin with \\x93NUMPY", "expected the .npy of `graft embed`");
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (bytes.size() < 10) throw data_error(name, fmt::format("ends after {} bytes, within its header", bytes.size()), kDamaged);
  if (byte(6) < 1 || byte(6) > 3) throw data_error(name, fmt::format("NumPy format {}.{}, expected 1.0 to 3.0", byte(6), byte(7)));
  const std::size_t start = byte(6) == 1 ? 10 : 12;
  if (bytes.size() < start) throw data_error(name, fmt::format("ends after {} bytes, within its header", bytes.size()), kDamaged);
  std::size_t length = 0;
  for (std::size_t i = start; i-- > 8;) length = length << 8 | byte(i);
  if (length > bytes.size() - start)
    throw data_error(name, fmt::format("a header of {} bytes, but {} follow", length, bytes.size() - start), kDamaged);
  Header header;
  if (!HeaderParser(text.substr(start, length)).parse(header))
    throw data_error(name, "its header is not a dictionary of descr, fortran_order and shape", kDamaged);
  bytes = bytes.subspan(start + length);
  return header;
}

/// The bytes of all values; nothing when they are more than 64 bits can count.
std::optional<std::size_t> size_of(const std::vector<uint64_t>& shape, std::size_t element) {
  std::size_t size = element;
  for (const uint64_t dim : shape)
    if (__builtin_mul_overflow(size, dim, &size)) return std::nullopt;
  return size;
}

}  // namespace

std::string npy_header(std::size_t rows, std::size_t width) {
  const std::string dictionary = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, width);
  const std::size_t before = kMagic.size() + 4, whole = (before + dictionary.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  const std::size_t length = whole - before;
  std::string header(kMagic);
  header += {'\x01', '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  header += dictionary;
  header.resize(whole - 1, ' ');
  return header + '\n';
}

Table read_npy(Bytes bytes, std::string_view source) {
  const std::string name(source);
  const Header header = take_header(bytes, name);
  const bool is_double = *header.descr == "<f8";
  if (!is_double && *header.descr != "<f4")
    throw data_error(name, fmt::format("values of type '{}', expected '<f4' or '<f8'", printable(*header.descr)),
                     "save array.astype('float32') with numpy.save");
  if (*header.fortran) throw data_error(name, "in Fortran order, expected C order", "save numpy.ascontiguousarray(array)");
  if (header.shape->size() != 2)
    throw data_error(
        name, fmt::format("an array of {} dimension{}, expected 2: rows and features", header.shape->size(), header.shape->size() == 1 ? "" : "s"));
  const std::optional<std::size_t> size = size_of(*header.shape, is_double ? 8 : 4);
  const uint64_t rows = (*header.shape)[0], width = (*header.shape)[1];
  if (rows == 0 || width == 0) throw data_error(name, fmt::format("{} rows of {} features, expected some", rows, width));
  if (size != bytes.size())
    throw data_error(name, fmt::format("{} rows of {} features, which do not fill the {} bytes behind its header", rows, width, bytes.size()),
                     kDamaged);
  Table table{rows, width, nullptr, {}};
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
  if (!is_double && aligned) {
    table.values = {reinterpret_cast<const float*>(bytes.data()), rows * width};
    return table;
  }
  auto copy = std::make_shared<std::vector<float>>(rows * width);
  if (!is_double) std::memcpy(copy->data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; is_double && i < copy->size(); ++i) {
    double value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof(double), sizeof(double));
    (*copy)[i] = static_cast<float>(value);
  }
  table.values = *copy;
  table.owner = std::move(copy);
  return table;
}

Table read_npy(const std::filesystem::path& path) {
  auto file = std::make_shared<MappedFile>(path);
  Table table = read_npy(file->bytes(), printable(path.string()));
  if (!table.owner) table.owner = std::move(file);
  return table;
}

}  // namespace graft::search
