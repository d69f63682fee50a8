// Separated values after RFC 4180, the text only: what the columns mean is known to table.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace graft::data {

struct CsvRow {
  int line;  // where it starts, from 1
  std::vector<std::string> fields;
};

/// Rows end with LF, CRLF or CR; empty lines are dropped, so is a byte-order mark, and Excel's `sep=;` as the first line. A field that starts with a quote may hold separators, line
/// ends and doubled quotes; elsewhere a quote is a letter. Error (data) "name:line: ..." for an open quote, text after a closing one, UTF-16 or
/// other binary data.
std::vector<CsvRow> parse_csv(std::string_view text, char separator, std::string_view name);

/// The separator of a text: what Excel's `sep=;` in its first line says; a tab for `name` ending in .tsv, else the first of comma, semicolon and tab that its first line has.
char csv_separator(std::string_view text, std::string_view name);

}  // namespace graft::data
