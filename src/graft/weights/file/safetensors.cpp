#include "graft/weights/file/safetensors.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // the reference's cap
constexpr const char* kDamagedFile = "the file is damaged; download or save it again";

struct Entry {
  std::string name, dtype;  // empty until read
  bool has_shape = false;
  graph::Dims shape;
  std::vector<uint64_t> offsets;
};

/// Takes the header's JSON as it is parsed; anything a header cannot hold is an Error at once, so depth and memory stay bounded by the file.
/// (Parsing into a tree first would keep the last of two equal keys silently.)
class HeaderReader {
 public:
  explicit HeaderReader(std::string source) : source_(std::move(source)) {}

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool null() { refuse("null"); }
  bool boolean(bool) { refuse("a boolean"); }
  bool number_integer(int64_t value) { refuse(fmt::format("the number {}", value)); }
  bool number_float(double, const std::string& text) { refuse(fmt::format("the number {}", shown(text))); }
  bool binary(nlohmann::json::binary_t&) { refuse("binary data"); }
  bool number_unsigned(uint64_t value) {
    if (where_ == Where::shape && value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      entries.back().shape.push_back(static_cast<int64_t>(value));
    else if (where_ == Where::offsets) entries.back().offsets.push_back(value);
    else refuse(fmt::format("the number {}", value));
    return true;
  }
  bool string(std::string& text) {
    if (where_ == Where::metadata) metadata[key_] = text;
    else if (where_ == Where::entry && key_ == "dtype") entries.back().dtype = text;
    else refuse(in_quotes(text));
    return true;
  }
  bool start_object(std::size_t) {
    if (where_ == Where::outside) where_ = Where::top;
    else if (where_ == Where::top && key_ == "__metadata__") where_ = Where::metadata;
    else if (where_ == Where::top) {
      where_ = Where::entry;
      entries.emplace_back().name = key_;
    } else refuse("an object");
    inner_keys_.clear();
    return true;
  }
  bool end_object() {
    where_ = where_ == Where::top ? Where::outside : Where::top;
    return true;
  }
  bool start_array(std::size_t) {
    if (where_ == Where::entry && key_ == "shape") {
      where_ = Where::shape;
      entries.back().has_shape = true;
    } else if (where_ == Where::entry && key_ == "data_offsets") {
      where_ = Where::offsets;
    } else {
      refuse("an array");
    }
    return true;
  }
  bool end_array() {
    where_ = Where::entry;
    return true;
  }
  bool key(std::string& key) {
    if (!(where_ == Where::top ? keys_ : inner_keys_).insert(key).second) fail(fmt::format("header has {} twice", in_quotes(key)));
    key_ = key;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    fail(fmt::format("header is not JSON (at byte {})", position));
  }

 private:
  enum class Where { outside, top, metadata, entry, shape, offsets };

  [[noreturn]] void fail(std::string fact) const { throw data_error(source_, std::move(fact), kDamagedFile); }
  [[noreturn]] void refuse(const std::string& what) const {
    if (where_ == Where::outside) fail(fmt::format("header is {}, not an object", what));
    const bool inside = where_ == Where::entry || where_ == Where::shape || where_ == Where::offsets;
    fail(fmt::format("header has {} in the wrong place (at '{}')", what,
                     inside ? fmt::format("{}.{}", shown(entries.back().name), shown(key_)) : shown(key_)));
  }

  std::string source_, key_;
  Where where_ = Where::outside;
  std::set<std::string> keys_, inner_keys_;
};

std::optional<Dtype> dtype_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Dtype>, 10> kDtypes{{{"F32", Dtype::f32},
                                                                               {"F16", Dtype::f16},
                                                                               {"BF16", Dtype::bf16},
                                                                               {"F64", Dtype::f64},
                                                                               {"I64", Dtype::i64},
                                                                               {"I32", Dtype::i32},
                                                                               {"I16", Dtype::i16},
                                                                               {"I8", Dtype::i8},
                                                                               {"U8", Dtype::u8},
                                                                               {"BOOL", Dtype::boolean}}};
  for (const auto& [known, dtype] : kDtypes)
    if (known == name) return dtype;
  return std::nullopt;
}

uint64_t header_length(Bytes file, const std::string& source) {
  if (file.size() < 8) throw data_error(source, fmt::format("is {} bytes long, too short for safetensors", file.size()), kDamagedFile);
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  if (length > kMaxHeader) throw data_error(source, fmt::format("header length is {}, at most {} expected", length, kMaxHeader), kDamagedFile);
  if (length > file.size() - 8)
    throw data_error(source, fmt::format("header length is {}, but only {} bytes follow", length, file.size() - 8), kDamagedFile);
  if (length == 0 || file[8] != std::byte{'{'}) throw data_error(source, "header does not begin with '{'", kDamagedFile);
  return length;
}

/// The entry as a tensor at `start` of the data, where the one before it ended.
HostTensor tensor_of(const Entry& entry, uint64_t start, Bytes data, const std::string& source) {
  const std::string name = in_quotes(entry.name);
  const auto fail = [&](std::string fact) { throw data_error(source, std::move(fact), kDamagedFile); };
  const std::optional<Dtype> dtype = dtype_of(entry.dtype);
  if (!dtype)
    throw data_error(source, fmt::format("{} has type {}, which is not supported", name, shown(entry.dtype)), "convert it to F32, F16 or BF16");
  const auto [begin, end] = std::pair(entry.offsets[0], entry.offsets[1]);
  if (end < begin) fail(fmt::format("{} ends at byte {} of the data, before its begin {}", name, end, begin));
  if (begin < start) fail(fmt::format("{} begins at byte {} of the data, inside another tensor (which ends at {})", name, begin, start));
  if (begin > start) fail(fmt::format("bytes {} to {} of the data belong to no tensor (before {})", start, begin, name));
  uint64_t size = size_of(*dtype);
  for (const int64_t dim : entry.shape)
    if (__builtin_mul_overflow(size, static_cast<uint64_t>(dim), &size)) fail(fmt::format("{} has more bytes than a number can hold", name));
  if (size != end - begin)
    fail(fmt::format("{} is {} {}, {} bytes, but its data_offsets span {}", name, entry.dtype, graph::to_string(entry.shape), size, end - begin));
  if (end > data.size()) fail(fmt::format("{} ends at byte {} of the data, the file has {}", name, end, data.size()));

  return {*dtype, entry.shape, row_major_strides(entry.shape), data.subspan(begin, size)};
}

}  // namespace

StateDict read_safetensors(const std::filesystem::path& path) {
  auto file = std::make_shared<MappedFile>(path);
  StateDict dict = read_safetensors(file->bytes(), printable(path.string()));
  dict.owner = std::move(file);
  return dict;
}

StateDict read_safetensors(Bytes file, std::string name) {
  StateDict dict{.source = std::move(name), .owner = {}, .tensors = {}, .metadata = {}};
  const uint64_t length = header_length(file, dict.source);
  const std::string_view text = as_text(file.subspan(8, length));
  const Bytes data = file.subspan(8 + length);

  HeaderReader header(dict.source);
  nlohmann::json::sax_parse(text.begin(), text.end(), &header);
  for (const Entry& entry : header.entries)
    if (entry.dtype.empty() || !entry.has_shape || entry.offsets.size() != 2)
      throw data_error(dict.source, in_quotes(entry.name) + " lacks one of dtype, shape, data_offsets [begin, end]", kDamagedFile);
  std::ranges::sort(header.entries, {}, [](const Entry& entry) { return std::tie(entry.offsets[0], entry.offsets[1], entry.name); });

  uint64_t start = 0;
  for (Entry& entry : header.entries) {
    HostTensor tensor = tensor_of(entry, start, data, dict.source);
    start += tensor.bytes.size();
    dict.tensors.emplace(std::move(entry.name), std::move(tensor));
  }
  if (start != data.size()) throw data_error(dict.source, fmt::format("has {} bytes after the last tensor", data.size() - start), kDamagedFile);
  dict.metadata = std::move(header.metadata);
  strip_wrapper_prefixes(dict);
  return dict;
}

}  // namespace graft::weights
