// Joined networks trained as one: what each looks at stays what it was made for.
#include <gtest/gtest.h>

#include "cli/joined.h"
#include "graft/weights/file/state_dict.h"

namespace graft {
namespace {

TEST(JoinTraining, MovesBothNetworksAndNotTheConstantsBetweenThem) {
  const TestFolder folder;
  make_photos(folder / "photos", {"across", "down", "wide"}, 6);
  put_joinable_weights(folder.path());
  const auto fitted = [&](const std::vector<std::string>& how, const std::string& out) {
    std::vector<std::string> words{"fit", "photos", "--backbone", kBoth, "--size", "64", "--precision", "float32", "--out", out, "-q"};
    words.insert(words.end(), how.begin(), how.end());
    const Finished done = run(folder, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return weights::read_safetensors(folder / out / "weights.safetensors");
  };
  const weights::StateDict before = fitted({"--strategy", "head"}, "head");
  const weights::StateDict after = fitted({"--strategy", "full", "--epochs", "1", "--batch", "6"}, "full");
  const auto same = [&](const std::string& name) {
    return weights::to_floats(before.tensors.at(name)) == weights::to_floats(after.tensors.at(name));
  };
  EXPECT_TRUE(same("efficientnet_lite1.in1k.rescale.weight"));
  EXPECT_TRUE(same("efficientnet_lite1.in1k.rescale.bias"));
  EXPECT_FALSE(same("efficientnet_lite0.conv_stem.weight"));
  EXPECT_FALSE(same("efficientnet_lite1.in1k.conv_stem.weight"));
}

}  // namespace
}  // namespace graft
