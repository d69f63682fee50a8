#include "graft/base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace graft {
namespace {

// xxHash's specification of XXH3 128 bits with seed 0; FIPS 180-4 examples of SHA-256.
TEST(Hash128Test, KnownAnswers) { EXPECT_EQ(hash128({}).hex(), "99aa06d3014798d86001c324468d497f"); }

TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HasherTest, PartsDoNotRunTogether) {
  std::set<Hash128> seen;
  seen.insert(Hasher().add("ab").add("c").finish());
  seen.insert(Hasher().add("a").add("bc").finish());
  seen.insert(Hasher().add("abc").finish());
  seen.insert(Hasher().add("abc").add("").finish());
  seen.insert(Hasher().finish());
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(Hasher().add("ab").add("c").finish(), Hasher().add("ab").add("c").finish());
}

}  // namespace
}  // namespace graft
