#include "graft/weights/file/state_dict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "graft/base/quotes.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

static_assert(std::endian::native == std::endian::little, "weights files are little-endian and read in place");

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000 | fraction << 13);  // infinity, NaN with its payload
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float tiny = static_cast<float>(fraction) * 0x1p-24F;  // subnormal
  return sign != 0 ? -tiny : tiny;
}

float bfloat_to_float(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

/// Walks the elements in row-major order; the last dimension is the inner loop.
template <class Stored, class Out, class Convert>
void convert(const HostTensor& tensor, Out* out, Convert&& element) {
  const auto load = [&](int64_t index) {
    Stored value;
    std::memcpy(&value, tensor.bytes.data() + static_cast<std::size_t>(index) * sizeof value, sizeof value);
    return element(value);
  };
  if (tensor.shape.empty()) {
    *out = load(0);
    return;
  }
  const std::size_t outer = tensor.shape.size() - 1;
  const int64_t inner_size = tensor.shape[outer], inner_stride = tensor.strides[outer];
  std::vector<int64_t> index(outer, 0);
  for (int64_t start = 0;;) {
    for (int64_t i = 0; i < inner_size; ++i) *out++ = load(start + i * inner_stride);
    std::size_t d = outer;
    for (; d > 0; --d) {  // the next row: count up like an odometer
      start += tensor.strides[d - 1];
      if (++index[d - 1] < tensor.shape[d - 1]) break;
      start -= tensor.strides[d - 1] * tensor.shape[d - 1];
      index[d - 1] = 0;
    }
    if (d == 0) return;
  }
}

template <class Stored>
void cast(const HostTensor& tensor, float* out) {
  convert<Stored>(tensor, out, [](Stored value) { return static_cast<float>(value); });
}

template <class Stored>
std::vector<std::byte> copy_of(const HostTensor& tensor, std::size_t count) {
  std::vector<std::byte> copy(count * sizeof(Stored));
  convert<Stored>(tensor, reinterpret_cast<Stored*>(copy.data()), [](Stored value) { return value; });
  return copy;
}

}  // namespace

std::size_t size_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f64:
    case Dtype::i64: return 8;
    case Dtype::f32:
    case Dtype::i32: return 4;
    case Dtype::f16:
    case Dtype::bf16:
    case Dtype::i16: return 2;
    case Dtype::i8:
    case Dtype::u8:
    case Dtype::boolean: return 1;
  }
  __builtin_unreachable();
}

std::string_view name_of(Dtype dtype) {
  static constexpr std::array<std::string_view, 10> kNames{"float32", "float16", "bfloat16", "float64", "int64",
                                                           "int32",   "int16",   "int8",     "uint8",   "bool"};
  return kNames[static_cast<std::size_t>(dtype)];
}

bool is_contiguous(const HostTensor& tensor) {
  if (std::ranges::find(tensor.shape, 0) != tensor.shape.end()) return true;
  int64_t expected = 1;
  for (std::size_t d = tensor.shape.size(); d > 0; --d) {
    if (tensor.shape[d - 1] != 1 && tensor.strides[d - 1] != expected) return false;
    expected *= tensor.shape[d - 1];
  }
  return true;
}

std::vector<int64_t> row_major_strides(const graph::Dims& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (std::size_t d = shape.size(); d > 0; --d) {
    strides[d - 1] = stride;
    stride *= std::max<int64_t>(shape[d - 1], 1);
  }
  return strides;
}

Bytes RowMajor::bytes_of(const HostTensor& tensor) {
  const auto count = static_cast<std::size_t>(graph::element_count(tensor.shape));
  if (is_contiguous(tensor)) return tensor.bytes.first(count * size_of(tensor.dtype));
  switch (size_of(tensor.dtype)) {
    case 8: return copies_.emplace_back(copy_of<uint64_t>(tensor, count));
    case 4: return copies_.emplace_back(copy_of<uint32_t>(tensor, count));
    case 2: return copies_.emplace_back(copy_of<uint16_t>(tensor, count));
    default: return copies_.emplace_back(copy_of<uint8_t>(tensor, count));
  }
}

std::vector<float> to_floats(const HostTensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(graph::element_count(tensor.shape)));
  if (values.empty()) return values;
  float* out = values.data();
  switch (tensor.dtype) {
    case Dtype::f32:
      if (is_contiguous(tensor)) std::memcpy(out, tensor.bytes.data(), values.size() * sizeof(float));
      else cast<float>(tensor, out);
      break;
    case Dtype::f16: convert<uint16_t>(tensor, out, half_to_float); break;
    case Dtype::bf16: convert<uint16_t>(tensor, out, bfloat_to_float); break;
    case Dtype::f64: cast<double>(tensor, out); break;
    case Dtype::i64: cast<int64_t>(tensor, out); break;
    case Dtype::i32: cast<int32_t>(tensor, out); break;
    case Dtype::i16: cast<int16_t>(tensor, out); break;
    case Dtype::i8: cast<int8_t>(tensor, out); break;
    case Dtype::u8: cast<uint8_t>(tensor, out); break;
    case Dtype::boolean: convert<uint8_t>(tensor, out, [](uint8_t value) { return value != 0 ? 1.0F : 0.0F; }); break;
  }
  return values;
}

void strip_wrapper_prefixes(StateDict& dict) {
  static constexpr std::array<std::string_view, 2> kPrefixes{"module.", "_orig_mod."};
  const auto common = [&]() -> std::size_t {
    for (const std::string_view prefix : kPrefixes)
      if (!dict.tensors.empty() && std::ranges::all_of(dict.tensors, [&](const auto& item) { return item.first.starts_with(prefix); }))
        return prefix.size();
    return 0;
  };
  for (std::size_t length = common(); length > 0; length = common()) {
    std::map<std::string, HostTensor, std::less<>> stripped;
    while (!dict.tensors.empty()) {
      auto node = dict.tensors.extract(dict.tensors.begin());
      node.key().erase(0, length);
      stripped.insert(stripped.end(), std::move(node));  // taking off a common prefix keeps the order
    }
    dict.tensors = std::move(stripped);
  }
}

std::string shown(std::string_view name) { return graft::shown(name); }

std::string in_quotes(std::string_view name) { return graft::in_quotes(name); }

}  // namespace graft::weights
