#include "graft/base/wrap.h"

#include <gtest/gtest.h>

namespace graft {
namespace {

using Lines = std::vector<std::string>;

TEST(Wrap, BreaksBetweenWords) {
  EXPECT_EQ(wrap("", 10), Lines{""});
  EXPECT_EQ(wrap("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrap("one two three", 7, 2), (Lines{"one two", "  three"}));
  EXPECT_EQ(wrap("epoch  1: loss", 80), Lines{"epoch  1: loss"});
  EXPECT_EQ(wrap("a incomprehensible b", 5, 2), (Lines{"a", "  incomprehensible", "  b"}));
  EXPECT_EQ(wrap("größe größe", 11), Lines{"größe größe"}) << "letters, not bytes";
}

TEST(Wrap, RowsAreAlignedByWhatIsSeen) {
  EXPECT_EQ(aligned_rows({{"", "value", "p"}, {"été", "0.5", ""}, {"ice", "12", "0.04"}}), "     value     p\nété    0.5\nice     12  0.04\n");
}

}  // namespace
}  // namespace graft
