#include "graft/trust/halves.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace graft::trust {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint16_t to_half(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const float size = std::abs(value);
  if (!(size < 65520.0F)) return static_cast<uint16_t>(sign | (std::isnan(value) ? 0x7E00 : 0x7C00));
  if (size < 0x1p-14F) return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(size * 0x1p24F)));  // subnormal
  const auto whole = std::bit_cast<uint32_t>(size);
  const uint32_t rounded = whole + 0xFFF + (whole >> 13 & 1);  // a carry into the exponent is right as it is
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112 << 10)));
}

float from_half(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000 | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float tiny = static_cast<float>(fraction) * 0x1p-24F;
  return sign != 0 ? -tiny : tiny;
}

constexpr std::array<int8_t, 256> values_of_digits() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kDigits.size(); ++i) values[static_cast<unsigned char>(kDigits[i])] = static_cast<int8_t>(i);
  return values;
}

std::string to_base64(std::span<const uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) word = word << 8 | (j < n ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += j <= n ? kDigits[word >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

std::optional<std::vector<uint8_t>> from_base64(std::string_view text) {
  static constexpr std::array<int8_t, 256> kValues = values_of_digits();
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::vector<uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    uint32_t word = 0;
    const std::size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    for (std::size_t j = 0; j < 4; ++j) {
      const int value = j < digits ? kValues[static_cast<unsigned char>(text[i + j])] : 0;
      if (value < 0) return std::nullopt;
      word = word << 6 | static_cast<uint32_t>(value);
    }
    for (std::size_t j = 0; j + 1 < digits; ++j) bytes.push_back(static_cast<uint8_t>(word >> (16 - 8 * j)));
  }
  return bytes;
}

}  // namespace

float as_half(float value) { return from_half(to_half(value)); }

std::string to_base64_halves(std::span<const float> values) {
  std::vector<uint8_t> bytes;
  bytes.reserve(values.size() * 2);
  for (const float value : values) {
    const uint16_t half = to_half(value);
    bytes.push_back(static_cast<uint8_t>(half));
    bytes.push_back(static_cast<uint8_t>(half >> 8));
  }
  return to_base64(bytes);
}

std::optional<std::vector<float>> from_base64_halves(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() % 2 != 0) return std::nullopt;
  std::vector<float> values;
  values.reserve(bytes->size() / 2);
  for (std::size_t i = 0; i < bytes->size(); i += 2) {
    const float value = from_half(static_cast<uint16_t>((*bytes)[i] | (*bytes)[i + 1] << 8));
    if (!std::isfinite(value)) return std::nullopt;
    values.push_back(value);
  }
  return values;
}

}  // namespace graft::trust
