#include "graft/base/unicode.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "graft/base/text.h"

namespace graft {
namespace {

std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &out,
                                             static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

}  // namespace

std::string nfc(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return std::string(text);
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string look_of(std::string_view text, bool any_case) {
  const int plain = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE;
  const std::string all = mapped(text, any_case ? plain | UTF8PROC_CASEFOLD : plain);
  std::string look;
  for (const std::string& word : split(all, ' '))
    if (!trim(word).empty()) look += (look.empty() ? "" : " ") + std::string(trim(word));
  return look;
}

std::string code_points(std::string_view text) {
  std::string points;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    points += (points.empty() ? "" : " ") + (length > 0 ? fmt::format("U+{:04X}", point) : fmt::format("byte {:02x}", bytes[at]));
    at += length > 0 ? static_cast<std::size_t>(length) : 1;
  }
  return points;
}

}  // namespace graft
