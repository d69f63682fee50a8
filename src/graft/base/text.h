// Text for people: safe to print, near misses, numbers.
#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// The text with invalid UTF-8 and control characters written as \xNN, so that it fits a terminal line and JSON. Valid text is unchanged.
std::string printable(std::string_view text);

bool is_utf8(std::string_view text);

/// The candidate nearest to `word` if it is near enough to be a typing mistake: at most a third
/// of its letters differ (insert, delete, replace, swap of neighbors), but at least one may.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates);

/// "'a', 'b' and 3 more": the first `most`, quoted.
std::string first_few(std::span<const std::string> items, std::size_t most = 5);

/// 1234567 -> "1,234,567".
std::string with_commas(long long number);

/// 1536 -> "1.5 KiB".
std::string human_bytes(unsigned long long bytes);

/// A field of a CSV row (RFC 4180): quoted if it contains a comma, a quote or a line end.
std::string csv_field(std::string_view text);

/// The whole text as a number; nothing if it is not a number, has anything before or after it, or does not fit T.
template <class T>
std::optional<T> number_in(std::string_view text) {
  T number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);  // ASCII only

}  // namespace graft
