#include "graft/base/wrap.h"

#include <algorithm>

#include "graft/base/text.h"

namespace graft {

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t indent) {
  std::vector<std::string> lines{""};
  std::size_t begin = 0;  // of the line's words
  for (const std::string& word : split(text, ' ')) {
    const bool first = lines.back().size() == begin;
    if (!first && columns_of(lines.back()) + 1 + columns_of(word) > columns) {
      lines.emplace_back(indent, ' ');
      begin = indent;
    } else if (!first) {
      lines.back() += ' ';
    }
    lines.back() += word;
  }
  return lines;
}

}  // namespace graft
