#include "graft/base/shell.h"

#include <algorithm>

#include "graft/base/text.h"

namespace graft {

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%";
  const std::string text = printable(word);
  const bool plain =
      std::ranges::all_of(text, [&](char c) { return kPlain.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80; });
  if (plain && !text.empty()) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
  return quoted + "'";
}

}  // namespace graft
