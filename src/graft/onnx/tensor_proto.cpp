#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/onnx/parse.h"
#include "graft/weights/file/state_dict.h"

namespace graft::onnx {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kMostElements = int64_t{1} << 40;
constexpr int64_t kOutside = 1;  // TensorProto.DataLocation.EXTERNAL

Error tensor_error(const Place& place, std::string_view tensor, const std::string& fact, const std::string& hint = "export the model again") {
  return data_error(place.name, "tensor " + weights::in_quotes(tensor) + ": " + fact, hint);
}

/// The entries of external_data: a file beside the model and the bytes in it.
struct Outside {
  std::string location, offset = "0", length;
};

/// A tensor's values as its record holds them, before they are looked at.
struct Held {
  std::string_view raw;
  bool has_raw = false;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<int64_t> integers;
  Outside outside;
  bool is_outside = false, has_text = false;
};

void parse_entry(Record record, Outside& outside) {
  std::string key, value;
  while (record.next()) {
    if (record.tag() == entry::kKey) key = record.text();
    else if (record.tag() == entry::kValue) value = record.text();
    else record.skip();
  }
  if (key == "location") outside.location = value;
  if (key == "offset") outside.offset = value;
  if (key == "length") outside.length = value;
}

Held parse_fields(Record& record, TensorProto& tensor) {
  Held held;
  while (record.next()) {
    switch (record.tag()) {
      case tensor::kDims: record.integers(tensor.dims); break;
      case tensor::kType: tensor.type = static_cast<int>(record.integer()); break;
      case tensor::kName: tensor.name = record.text(); break;
      case tensor::kRaw:
        held.raw = record.text();
        held.has_raw = true;
        break;
      case tensor::kFloats: record.reals(held.floats); break;
      case tensor::kDoubles: record.doubles(held.doubles); break;
      case tensor::kInt32s:
      case tensor::kInt64s:
      case tensor::kUint64s: record.integers(held.integers); break;
      case tensor::kStrings:
        held.has_text = true;
        record.skip();
        break;
      case tensor::kExternal: parse_entry(record.message(), held.outside); break;
      case tensor::kLocation: held.is_outside = record.integer() == kOutside; break;
      default: record.skip();
    }
  }
  return held;
}

int64_t count_of(const TensorProto& tensor, const Place& place) {
  if (tensor.dims.size() > kMostRank)
    throw tensor_error(place, tensor.name, fmt::format("{} dimensions, expected at most {}", tensor.dims.size(), kMostRank));
  int64_t count = 1;
  for (const int64_t d : tensor.dims)
    if (d < 0 || __builtin_mul_overflow(count, d, &count) || count > kMostElements)
      throw tensor_error(place, tensor.name, fmt::format("a dimension of {}", d));
  return count;
}

uint64_t number_of(const std::string& text, const TensorProto& tensor, const Place& place) {
  const std::optional<uint64_t> number = number_in<uint64_t>(text);
  if (!number) throw tensor_error(place, tensor.name, "its offset or length is '" + weights::shown(text) + "', expected a number");
  return *number;
}

/// The file of that name beside the model; links that lead out of the folder are refused as well as paths.
std::shared_ptr<const MappedFile> outside_file(const std::string& location, const TensorProto& tensor, Place& place) {
  if (const auto found = place.mapped.find(location); found != place.mapped.end()) return found->second;
  const fs::path relative(location);
  const bool climbs = std::ranges::find(relative, fs::path("..")) != relative.end();
  std::error_code code;
  const fs::path folder = fs::canonical(place.folder.empty() ? "." : place.folder, code);
  if (location.empty() || location.find('\0') != std::string::npos || relative.is_absolute() || climbs)
    throw tensor_error(place, tensor.name, "its values are said to be in '" + weights::shown(location) + "', outside the model's folder");
  const fs::path file = fs::canonical(folder / relative, code);
  if (code)
    throw tensor_error(place, tensor.name, "its values are in '" + weights::shown(location) + "', which is not next to the model",
                       "copy that file, too");
  const auto [rest, ignored] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  if (rest != folder.end() || !fs::is_regular_file(file))
    throw tensor_error(place, tensor.name, "its values are said to be in '" + weights::shown(location) + "', outside the model's folder");
  return place.mapped[location] = std::make_shared<const MappedFile>(file);
}

void take_outside(const Outside& outside, uint64_t expected, TensorProto& tensor, Place& place) {
  const auto file = outside_file(outside.location, tensor, place);
  const uint64_t offset = number_of(outside.offset, tensor, place), size = file->bytes().size();
  const uint64_t length = outside.length.empty() ? expected : number_of(outside.length, tensor, place);
  if (offset > size || length > size - offset)
    throw tensor_error(place, tensor.name,
                       fmt::format("{} bytes from byte {} on of '{}', which has {}", length, offset, weights::shown(outside.location), size),
                       "copy that file again");
  tensor.bytes = file->bytes().subspan(offset, length);
  tensor.owner = file;
}

template <class T>
void take(const std::vector<int64_t>& integers, TensorProto& tensor) {
  const auto values = std::make_shared<std::vector<T>>();
  values->reserve(integers.size());
  for (const int64_t i : integers) values->push_back(static_cast<T>(i));
  tensor.bytes = std::as_bytes(std::span(*values));
  tensor.owner = values;
}

/// Numbers in the fields made for them instead of raw bytes.
void take_typed(Held& held, TensorProto& tensor) {
  if (tensor.type == tensor::kFloat32) tensor = {tensor.name, tensor.dims, tensor.type, {}, std::make_shared<const std::vector<float>>(held.floats)};
  switch (tensor.type) {
    case tensor::kFloat32: tensor.bytes = std::as_bytes(std::span(*static_cast<const std::vector<float>*>(tensor.owner.get()))); break;
    case tensor::kFloat64: {
      const TensorProto made = made_tensor(held.doubles, {}, tensor.type);
      tensor.bytes = made.bytes;
      tensor.owner = made.owner;
      break;
    }
    default:
      switch (element_bytes(tensor.type)) {
        case 1: take<uint8_t>(held.integers, tensor); break;
        case 2: take<uint16_t>(held.integers, tensor); break;
        case 4: take<uint32_t>(held.integers, tensor); break;
        default: take<uint64_t>(held.integers, tensor);
      }
  }
}

std::optional<weights::Dtype> dtype_of(int type) {
  using weights::Dtype;
  switch (type) {
    case tensor::kFloat32: return Dtype::f32;
    case tensor::kFloat64: return Dtype::f64;
    case tensor::kFloat16: return Dtype::f16;
    case tensor::kBfloat16: return Dtype::bf16;
    default: return std::nullopt;
  }
}

template <class T>
std::vector<int64_t> widened(Bytes bytes) {
  std::vector<int64_t> out;
  out.reserve(bytes.size() / sizeof(T));
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    out.push_back(static_cast<int64_t>(value));
  }
  return out;
}

}  // namespace

std::size_t element_bytes(int type) {
  switch (type) {
    case tensor::kUint8:
    case tensor::kInt8:
    case tensor::kBool: return 1;
    case tensor::kUint16:
    case tensor::kInt16:
    case tensor::kFloat16:
    case tensor::kBfloat16: return 2;
    case tensor::kFloat32:
    case tensor::kInt32:
    case tensor::kUint32: return 4;
    case tensor::kInt64:
    case tensor::kUint64:
    case tensor::kFloat64: return 8;
    default: return 0;
  }
}

TensorProto parse_tensor(Record record, Place& place) {
  TensorProto tensor;
  Held held = parse_fields(record, tensor);
  const auto count = static_cast<uint64_t>(count_of(tensor, place));
  const std::size_t size = element_bytes(tensor.type);
  if (size == 0 || held.has_text)
    throw tensor_error(place, tensor.name, fmt::format("element type {}, expected numbers of 8 to 64 bits", tensor.type), "export it unquantized");
  const uint64_t expected = count * size;
  if (held.is_outside) {
    take_outside(held.outside, expected, tensor, place);
  } else if (held.has_raw) {
    tensor.bytes = as_bytes(held.raw);
  } else {
    take_typed(held, tensor);
  }
  if (tensor.bytes.size() != expected)
    throw tensor_error(place, tensor.name, fmt::format("{} bytes for {}, expected {}", tensor.bytes.size(), graph::to_string(tensor.dims), expected));
  return tensor;
}

std::optional<graph::Tensor> to_floats(const TensorProto& tensor) {
  const auto dtype = dtype_of(tensor.type);
  if (!dtype) return std::nullopt;
  if (*dtype == weights::Dtype::f32 && reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0)
    return graph::Tensor{tensor.owner, {reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(float)}};
  const auto values =
      std::make_shared<const std::vector<float>>(weights::to_floats({*dtype, tensor.dims, weights::row_major_strides(tensor.dims), tensor.bytes}));
  return graph::Tensor{values, *values};
}

std::optional<std::vector<int64_t>> to_integers(const TensorProto& tensor) {
  switch (tensor.type) {
    case tensor::kInt64: return widened<int64_t>(tensor.bytes);
    case tensor::kInt32: return widened<int32_t>(tensor.bytes);
    case tensor::kUint8:
    case tensor::kBool: return widened<uint8_t>(tensor.bytes);
    default: return std::nullopt;
  }
}

}  // namespace graft::onnx
