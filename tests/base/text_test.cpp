#include "graft/base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <string>
#include <vector>

namespace graft {
namespace {

TEST(Printable, LeavesValidTextAlone) {
  for (const std::string text : {"", "photos/cat 1.jpg", "Blattläuse/ß.png", "日本語", "\xF0\x9F\x90\x9D", "a\\x41"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(printable("a\nb\tc\x1b[31m\x7f"), "a\\x0ab\\x09c\\x1b[31m\\x7f");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xc2\\x9b"
            "31m")
      << "U+009B starts an escape sequence on some terminals";
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0") << "U+00A0 is the first printable one after the controls";
}

TEST(Printable, EscapesInvalidUtf8) {
  EXPECT_EQ(printable("caf\xE9.jpg"), "caf\\xe9.jpg") << "Latin-1";
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(printable("\xE6\x97"), "\\xe6\\x97") << "cut off";
}

TEST(Printable, OfAnyBytesIsPrintable) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const std::string once = printable(text);
    RC_ASSERT(printable(once) == once);
  }));
}

TEST(Closest, FindsSlips) {
  const std::vector<std::string> names{"backbone", "val", "precision", "threads", "l2", "lr"};
  EXPECT_EQ(closest("bakbone", names), "backbone");
  EXPECT_EQ(closest("perciison", names), "precision");
  EXPECT_EQ(closest("THREADS", names), "threads");
  EXPECT_EQ(closest("vla", names), "val") << "a swap of neighbors is one slip";
  EXPECT_EQ(closest("val", names), "val");
}

TEST(Closest, DoesNotGuessWildly) {
  const std::vector<std::string> names{"backbone", "val"};
  EXPECT_EQ(closest("zebra", names), std::nullopt);
  EXPECT_EQ(closest("vxy", names), std::nullopt);
  EXPECT_EQ(closest("x", {}), std::nullopt);
  EXPECT_EQ(closest("lx", std::vector<std::string>{"l2", "lr"}), "l2") << "the first of equals";
}

TEST(FirstFew, QuotesAndCounts) {
  EXPECT_EQ(first_few(std::vector<std::string>{}), "");
  EXPECT_EQ(first_few(std::vector<std::string>{"a"}), "'a'");
  EXPECT_EQ(first_few(std::vector<std::string>{"a", "b", "c"}, 3), "'a', 'b', 'c'");
  EXPECT_EQ(first_few(std::vector<std::string>{"a", "b", "c", "d", "e"}, 2), "'a', 'b' and 3 more");
}

TEST(WithCommas, GroupsThousands) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(with_commas(-999), "-999");
  EXPECT_EQ(with_commas(-123456), "-123,456");
  EXPECT_EQ(with_commas(std::numeric_limits<long long>::min()), "-9,223,372,036,854,775,808");
}

TEST(IsUtf8, KnowsWholeCharactersAndNothingElse) {
  for (const char* text : {"", "a\n\x7F", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x90\x9C"}) EXPECT_TRUE(is_utf8(text)) << printable(text);
  for (const char* text : {"\xFF", "a\xC3", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) EXPECT_FALSE(is_utf8(text)) << printable(text);
}

TEST(HumanBytes, PicksTheUnit) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(10 * 1024), "10 KiB");
  EXPECT_EQ(human_bytes(5ULL << 30), "5.0 GiB");
  EXPECT_EQ(human_bytes(3000ULL << 40), "3000 TiB");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
}

TEST(Trim, CutsBlanks) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Lower, IsAsciiOnly) { EXPECT_EQ(lower("ABCäÄz"), "abcäÄz"); }

}  // namespace
}  // namespace graft
