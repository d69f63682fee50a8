#include "graft/base/unicode.h"

#include <gtest/gtest.h>

namespace graft {
namespace {

TEST(Unicode, NormalFormC) {
  EXPECT_EQ(nfc("e\xCC\x81t"), "\xC3\xA9t");
  EXPECT_EQ(nfc("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), "\xED\x95\x9C");  // Hangul
  for (const char* same : {"", "plain", "\xC3\xA9", "\xEF\xAC\x81", "not \xFF UTF-8"}) EXPECT_EQ(nfc(same), same);
}

TEST(Unicode, Looks) {
  EXPECT_EQ(look_of(" a\xC2\xA0 b\xE2\x80\x8B ", false), "a b");
  EXPECT_EQ(look_of("\xEF\xBD\x81", false), "a");  // full width
  EXPECT_NE(look_of("A", false), look_of("a", false));
  EXPECT_EQ(look_of("STRASSE", true), look_of("stra\xC3\x9F"
                                              "e",
                                              true));
  EXPECT_NE(look_of("a b", true), look_of("ab", true));
}

TEST(Unicode, CodePoints) {
  EXPECT_EQ(code_points("a\xC2\xA0\xF0\x9F\x90\x9D"), "U+0061 U+00A0 U+1F41D");
  EXPECT_EQ(code_points("\xFF"
                        "b"),
            "byte ff U+0062");
  EXPECT_EQ(code_points(""), "");
}

}  // namespace
}  // namespace graft
