#include "graft/doctor/near_copies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/scenes.h"

namespace graft::doctor {
namespace {

/// Photos in a folder of class folders, as the doctor sees them; in the order of their names.
class NearCopies : public testing::Test {
 protected:
  void put(const std::string& name, const image::Image& picture) { put_photo(folder_ / ("a/" + name + ".png"), picture); }
  std::vector<CopyPair> pairs(NearCopyOptions options = {}, int threads = 2) {
    put_photo(folder_ / "b/zz1.png", scene(900));  // a data set has two classes
    put_photo(folder_ / "b/zz2.png", scene(901));
    photos_ = photos_of(data::open_parts(folder_.path()), folder_.path());
    ThreadPool pool(threads);
    gather(photos_, pool);
    return near_pairs(photos_, options, pool);
  }
  /// "x~y" of each pair of photos.
  std::vector<std::string> names(const std::vector<CopyPair>& pairs) {
    std::vector<std::string> result;
    const auto name = [&](std::size_t row) { return photos_[row].sample.path.stem().string(); };
    for (const CopyPair& pair : pairs) result.push_back(name(pair.a) + "~" + name(pair.b));
    return result;
  }

  const TestFolder folder_;
  std::vector<PhotoFacts> photos_;
};

TEST_F(NearCopies, OfEachKindAreFoundAndNothingElse) {
  std::vector<std::string> expected;
  const auto copy = [&](int number, const std::string& kind, const image::Image& changed) {
    const std::string name = kind + "1", other = kind + "2";
    put(name, scene(number));
    put(other, changed);
    expected.push_back(name + "~" + other);
  };
  copy(1, "a-noise", noisy(scene(1), 10, 1));
  copy(2, "b-smaller", image::resize(scene(2), 100, 75, image::Filter::bicubic));
  copy(3, "c-corner", cropped(scene(3), 0.05, 0, 0, 0.05));
  copy(4, "d-centre", cropped(scene(4), 0.05, 0.05, 0.05, 0.05));
  for (std::size_t i = 1; i < kSymmetries.size(); ++i)
    copy(10 + static_cast<int>(i), "e-symmetry" + std::to_string(i) + "-", noisy(laid(scene(10 + static_cast<int>(i)), kSymmetries[i]), 5, 1));
  copy(20, "f-both", cropped(laid(scene(20), kSymmetries[1]), 0.04, 0.02, 0.03, 0.05));
  for (int i = 30; i < 60; ++i) put("other" + std::to_string(i), scene(i));
  const std::vector<CopyPair> found = pairs();
  EXPECT_EQ(names(found), expected);
  for (std::size_t i = 1; i < kSymmetries.size(); ++i) EXPECT_EQ(found[3 + i].symmetry, kSymmetries[i]) << i;
  EXPECT_GT(std::ranges::min(found, {}, &CopyPair::similarity).similarity, 0.9);
  EXPECT_TRUE(std::ranges::none_of(found, &CopyPair::alike));
  EXPECT_EQ(pairs({}, 1), found);
  EXPECT_TRUE(pairs({.threshold = 1}).empty());
}

TEST_F(NearCopies, LikeScenesAreNone) {
  for (int i = 0; i < 4; ++i) {  // of a burst: the ground is the same, something moved over it
    image::Image picture = scene(1);
    const image::Image thing = scene(50 + i, 70, 90);
    for (int y = 0; y < thing.height; ++y)
      std::ranges::copy(std::span(thing.pixels).subspan(static_cast<std::size_t>(3 * y * thing.width), static_cast<std::size_t>(3 * thing.width)),
                        picture.pixels.begin() + 3 * ((y + 15) * picture.width + 20 + 15 * i));
    put("burst" + std::to_string(i), noisy(picture, 4, i));
  }
  EXPECT_TRUE(pairs().empty());
}

TEST_F(NearCopies, OfPhotosThatAllLookAlikeOnlyTheirOwnCounts) {
  const image::Image common = scene(1);
  const auto cell = [&](int number) {  // a weak mark or two on what all have
    image::Image picture = common;
    const image::Image own = scene(number);
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<uint8_t>((9 * picture.pixels[i] + own.pixels[i]) / 10);
    return picture;
  };
  for (int i = 100; i < 170; ++i) put("cell" + std::to_string(i), cell(i));
  put("copy", noisy(cell(120), 1.5, 1));
  const std::vector<CopyPair> found = pairs();
  EXPECT_EQ(names(found), std::vector<std::string>{"cell120~copy"});
  EXPECT_TRUE(found.at(0).alike) << "and even that may be a neighbor";
}

TEST_F(NearCopies, TheSamePixelsCountOnceAndEvenPhotosNotAtAll) {
  put("a", scene(1));
  put("b", scene(1));
  put("c", noisy(scene(1), 6, 1));
  put("d", flat(160, 120, 80, 80, 80));
  put("e", flat(160, 120, 80, 80, 81));
  put_file(folder_ / "a/f.png", "no picture");
  EXPECT_EQ(names(pairs()), std::vector<std::string>{"a~c"});
}

TEST_F(NearCopies, OtherColoursAreAnotherPicture) {
  image::Image red = scene(1), blue = red;
  for (std::size_t i = 0; i < red.pixels.size(); i += 3) {  // the same luma
    const int grey = red.pixels[i] / 2;
    red.pixels[i] = static_cast<uint8_t>(grey + 80), red.pixels[i + 1] = static_cast<uint8_t>(grey), red.pixels[i + 2] = static_cast<uint8_t>(grey);
    blue.pixels[i] = static_cast<uint8_t>(grey), blue.pixels[i + 1] = static_cast<uint8_t>(grey + 24),
    blue.pixels[i + 2] = static_cast<uint8_t>(grey + 90);
  }
  put("blue", blue);
  put("red", red);
  EXPECT_TRUE(pairs().empty());
}

TEST(CopyGroups, JoinWhatPairsJoin) {
  const std::vector<CopyPair> pairs{{1, 7, 0.9, kSymmetries[1]}, {2, 4, 0.95, {}}, {4, 6, 0.85, {}, true}, {2, 6, 0.99, {}}};
  const std::vector<CopyGroup> groups = groups_of(pairs, 8);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].rows, (std::vector<std::size_t>{1, 7}));
  EXPECT_EQ(groups[0].symmetry, kSymmetries[1]);
  EXPECT_EQ(groups[1].rows, (std::vector<std::size_t>{2, 4, 6}));
  EXPECT_EQ(groups[1].similarity, 0.85);
  EXPECT_TRUE(groups[1].alike);
  EXPECT_FALSE(groups[0].alike);
  EXPECT_TRUE(groups_of({}, 3).empty());
}

}  // namespace
}  // namespace graft::doctor
