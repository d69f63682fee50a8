#include "graft/data/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "error_text.h"

namespace graft::data {
namespace {

using Fields = std::vector<std::vector<std::string>>;

Fields fields(std::string_view text, char separator = ',') {
  Fields all;
  for (const CsvRow& row : parse_csv(text, separator, "t.csv")) all.push_back(row.fields);
  return all;
}

TEST(Csv, LineEndsMarksAndEmptyLines) {
  const Fields wanted = {{"a", "b"}, {"c", ""}};
  EXPECT_EQ(fields("a,b\nc,\n"), wanted);
  EXPECT_EQ(fields("a,b\r\nc,"), wanted);
  EXPECT_EQ(fields("\xEF\xBB\xBF\na,b\r\rc,\r"), wanted);
  EXPECT_TRUE(fields("").empty());
  EXPECT_TRUE(fields("\n\r\n").empty());
}

TEST(Csv, Quotes) {
  EXPECT_EQ(fields("\"a,\"\"b\"\"\nc\",\"\"\n"), (Fields{{"a,\"b\"\nc", ""}}));
  EXPECT_EQ(fields("5\" disk,b"), (Fields{{"5\" disk", "b"}}));
}

TEST(Csv, LinesCountInsideQuotes) {
  const std::vector<CsvRow> rows = parse_csv("\"a\nb\r\nc\",1\n\nd,2\n", ',', "t.csv");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].line, 1);
  EXPECT_EQ(rows[1].line, 5);
}

TEST(Csv, Separators) {
  EXPECT_EQ(csv_separator("a;b\tc", "x.tsv"), '\t');
  EXPECT_EQ(csv_separator("a;b", "x.csv"), ';');
  EXPECT_EQ(csv_separator("a;b,c", "x.csv"), ',');
  EXPECT_EQ(csv_separator("a\tb\nc,d", "x.csv"), '\t');
  EXPECT_EQ(csv_separator("a", "x.csv"), ',');
  EXPECT_EQ(fields("a,b\tc", '\t'), (Fields{{"a,b", "c"}}));
}

TEST(Csv, ExcelNamesTheSeparatorInALineOfItsOwn) {
  EXPECT_EQ(csv_separator("sep=;\r\na,b;c\r\n", "x.csv"), ';');
  EXPECT_EQ(csv_separator("\xEF\xBB\xBFSEP=|\na,b|c\n", "x.tsv"), '|');
  EXPECT_EQ(csv_separator("sep=ab,c", "x.csv"), ',');
  EXPECT_EQ(fields("\xEF\xBB\xBFsep=;\r\na,b;c\r\n", ';'), (Fields{{"a,b", "c"}}));
  EXPECT_EQ(parse_csv("sep=;\na;b\n", ';', "t.csv").at(0).line, 2);
}

TEST(Csv, Errors) {
  using test::error_of;
  EXPECT_EQ(error_of([] { fields("a,b\n\"c,d\n"); }), "data: t.csv:2: a quote is opened and never closed");
  EXPECT_EQ(error_of([] { fields("\"a\"b,c"); }), "data: t.csv:1: text after a closing quote; write a quote inside a quoted field twice");
  EXPECT_EQ(error_of([] {
              fields(
                  "\xFF\xFE"
                  "a");
            }),
            "data: t.csv: is UTF-16 text; save it as UTF-8");
  EXPECT_EQ(error_of([] { fields(std::string_view("PK\0\3", 4)); }), "data: t.csv: is not a text file; export it as CSV");
}

TEST(Csv, AnyFieldsComeBack) {
  EXPECT_TRUE(rc::check("quoted and plain fields are read as written", [](const Fields& raw) {
    Fields wanted;
    std::string text;
    for (std::vector<std::string> row : raw) {
      if (row.size() < 2) row.resize(2, "x");
      for (std::string& field : row) std::erase(field, '\0');
      for (std::size_t i = 0; i < row.size(); ++i) {
        const bool quote = row[i].find_first_of("\",\r\n\xEF\xFE\xFF") != std::string::npos || i % 2 == 0;
        std::string field;
        for (const char c : row[i]) field += c == '"' ? "\"\"" : std::string(1, c);
        if (i > 0) text += ',';
        if (quote) text += '"';
        text += field;
        if (quote) text += '"';
      }
      text += wanted.size() % 2 == 0 ? "\n" : "\r\n";
      wanted.push_back(row);
    }
    RC_ASSERT(fields(text) == wanted);
  }));
}

TEST(Csv, AnyTextIsReadOrRefused) {
  EXPECT_TRUE(rc::check("no text does anything but parse or throw Error", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', '\xEF'));
    try {
      for (const CsvRow& row : parse_csv(text, ',', "t.csv")) RC_ASSERT(!row.fields.empty());
    } catch (const Error&) {}
  }));
}

}  // namespace
}  // namespace graft::data
