#include "graft/data/csv.h"

#include <fmt/format.h>

#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::data {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF", kSeparatorLine = "sep=";

std::string_view without_mark(std::string_view text) { return text.starts_with(kMark) ? text.substr(kMark.size()) : text; }

std::string_view first_line(std::string_view text) { return text.substr(0, text.find_first_of("\r\n")); }

/// Whether the first line is Excel's, which says nothing but the separator.
bool names_separator(std::string_view line) { return line.size() == kSeparatorLine.size() + 1 && lower(line).starts_with(kSeparatorLine); }

class Parser {
 public:
  Parser(std::string_view text, char separator, std::string_view name) : text_(text), separator_(separator), name_(name) {}

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> rows;
    if (names_separator(first_line(text_))) {
      at_ = first_line(text_).size();
      end_line();
    }
    while (at_ < text_.size()) {
      CsvRow row = next_row();
      if (row.fields.size() > 1 || !row.fields[0].empty()) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool at_line_end() const { return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r'; }

  void end_line() {
    if (at_ == text_.size()) return;
    at_ += text_.substr(at_).starts_with("\r\n") ? 2U : 1U;
    ++line_;
  }

  CsvRow next_row() {
    CsvRow row{line_, {}};
    for (;;) {
      row.fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_line_end()) break;
      ++at_;
    }
    end_line();
    return row;
  }

  std::string plain() {
    const std::size_t start = at_;
    while (!at_line_end() && text_[at_] != separator_) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  std::string quoted() {
    const int opened = line_;
    std::string field;
    for (++at_;; ++at_) {
      if (at_ == text_.size()) throw data_error(fmt::format("{}:{}", name_, opened), "a quote is opened and never closed");
      if (text_[at_] == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') break;
      }
      if (text_[at_] == '\n' || (text_[at_] == '\r' && !text_.substr(at_).starts_with("\r\n"))) ++line_;
      field += text_[at_];
    }
    if (!at_line_end() && text_[at_] != separator_)
      throw data_error(fmt::format("{}:{}", name_, line_), "text after a closing quote", "write a quote inside a quoted field twice");
    return field;
  }

  std::string_view text_;
  char separator_;
  std::string_view name_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, char separator, std::string_view name) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) throw data_error(std::string(name), "is UTF-16 text", "save it as UTF-8");
  if (text.find('\0') != std::string_view::npos) throw data_error(std::string(name), "is not a text file", "export it as CSV");
  return Parser(without_mark(text), separator, name).rows();
}

char csv_separator(std::string_view text, std::string_view name) {
  const std::string_view first = first_line(without_mark(text));
  if (names_separator(first)) return first.back();
  if (lower(name).ends_with(".tsv")) return '\t';
  for (const char separator : {',', ';', '\t'})
    if (first.find(separator) != std::string_view::npos) return separator;
  return ',';
}

}  // namespace graft::data
