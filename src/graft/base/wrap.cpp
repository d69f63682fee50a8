#include "graft/base/wrap.h"

#include <fmt/format.h>

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

std::string aligned_rows(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line = fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) line += fmt::format("  {:>{}}", row[i], widths[i]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace graft
