#include "graft/base/shell.h"

#include <gtest/gtest.h>

namespace graft {
namespace {

TEST(Shell, PlainWordsStayAsTheyAre) {
  for (const char* word : {"runs/a", "model.onnx", "a_b-C.9", "größe", "x=1", "vgg16:block5"}) {
    if (std::string(word) == "x=1") EXPECT_EQ(shell_word(word), "'x=1'") << "an assignment when it stands first";
    else EXPECT_EQ(shell_word(word), word);
  }
}

TEST(Shell, AllElseIsQuoted) {
  EXPECT_EQ(shell_word("my photos/a"), "'my photos/a'");
  EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_word("$HOME; rm *"), "'$HOME; rm *'");
  EXPECT_EQ(shell_word("~/x"), "'~/x'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a\nb"), R"('a\x0ab')");
}

}  // namespace
}  // namespace graft
