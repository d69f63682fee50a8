// The parts of tables of parameter names.
#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace graft::models {

struct Swap {
  std::string_view from, to;  // of whole parts between dots
};

/// The first of `swaps` that `name` begins with, done; as it is if there is none.
inline std::string swapped(std::string_view name, std::span<const Swap> swaps) {
  for (const auto& [from, to] : swaps)
    if (name == from || (name.starts_with(from) && name[from.size()] == '.')) return std::string(to) + std::string(name.substr(from.size()));
  return std::string(name);
}

/// Takes `before` and a number off the start of `rest`, if they and a dot stand there.
inline std::optional<int> take_number(std::string_view& rest, std::string_view before) {
  if (!rest.starts_with(before)) return {};
  int number = 0;
  const auto [after, error] = std::from_chars(rest.data() + before.size(), rest.data() + rest.size(), number);
  if (error != std::errc{} || number < 0 || after == rest.data() + rest.size() || *after != '.') return {};
  rest.remove_prefix(static_cast<std::size_t>(after - rest.data()));
  return number;
}

}  // namespace graft::models
