#include "graft/base/base64.h"

#include <gtest/gtest.h>

namespace graft {
namespace {

// The test vectors of RFC 4648.
TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64(as_bytes("")), "");
  EXPECT_EQ(base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base64(as_bytes(std::string_view("\xFF\x00\xFE", 3))), "/wD+");
}

}  // namespace
}  // namespace graft
