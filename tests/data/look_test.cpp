#include "graft/data/look.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "graft/base/files.h"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

class LookAt : public testing::Test {
 protected:
  /// `count` links to a picture of tests/image.
  void add(const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
      const fs::path link = folder_ / (std::to_string(paths_.size()) + fs::path(name).extension().string());
      fs::create_symlink(fs::path(GRAFT_TESTS) / "image" / name, link);
      paths_.push_back(link);
    }
  }

  std::vector<std::string> choose(std::optional<image::Background> background = {}, Depth depth = Depth::automatic) {
    return choose_pixels(paths_, background, depth, chosen_, pool_);
  }

  TestFolder folder_;
  std::vector<fs::path> paths_;
  Preprocess chosen_;
  ThreadPool pool_{2};
};

TEST_F(LookAt, TwelveBitsInSixteenAreTakenAsTwelve) {
  add("formats/grey_12_of_16.png", 40);
  add("fixtures/420.jpg", 40);
  const std::vector<std::string> notes = choose();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0],
            "16-bit pictures use values up to 3,609 of 65,535 (seen in 40): taken as 12 bits, which makes them 16 times as bright; --depth full "
            "leaves them nearly black");
  EXPECT_EQ(chosen_.depth, 12);
}

TEST_F(LookAt, OneBrightPictureAmongManyDecides) {
  add("formats/grey_12_of_16.png", 39);
  add("fixtures/grey16.png", 1);
  EXPECT_EQ(choose(), std::vector<std::string>());
  EXPECT_EQ(chosen_.depth, 16);
}

TEST_F(LookAt, FullDepthIsLeftAndSaid) {
  add("formats/grey_12_of_16.png", 3);
  const std::vector<std::string> notes = choose({}, Depth::full);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0],
            "16-bit pictures use values up to 3,609 of 65,535 (seen in 3), less than a quarter: they are nearly black for the network; --depth "
            "auto spreads them");
  EXPECT_EQ(chosen_.depth, 16);
}

TEST_F(LookAt, TransparencyIsSaidWhereItIsLeftOut) {
  add("fixtures/rgba8.png", 3);
  add("fixtures/rgb8.png", 2);
  const std::vector<std::string> notes = choose();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(
      notes[0],
      "3 of 5 pictures looked at have transparency, which is left out, as Pillow's convert(\"RGB\") does; --background white or black keeps it");
  EXPECT_EQ(chosen_.background, image::Background::none);
  EXPECT_EQ(choose(image::Background::black), std::vector<std::string>());
  EXPECT_EQ(chosen_.background, image::Background::black);
}

TEST_F(LookAt, OrdinaryPhotosAndBrokenOnesAreNoMatter) {
  add("fixtures/420.jpg", 2);
  add("fixtures/grey16_interlaced.png", 2);
  write_file(folder_ / "broken.png", "no picture");
  paths_.push_back(folder_ / "broken.png");
  EXPECT_EQ(choose(), std::vector<std::string>());
  EXPECT_EQ(chosen_, Preprocess{});
}

}  // namespace
}  // namespace graft::data
