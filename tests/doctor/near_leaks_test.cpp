// Validation photos that are almost in training, found by features.
#include "graft/doctor/near_leaks.h"

#include <gtest/gtest.h>

#include <optional>

#include "doctor/scenes.h"
#include "graft/base/files.h"
#include "graft/data/source.h"

namespace graft::doctor {
namespace {

class NearLeaks : public testing::Test {
 protected:
  /// Its features are those of photo `like` of training, or else nobody's.
  void put(const std::string& part, const image::Image& picture, std::optional<std::size_t> like = {}) { put_bytes(part, png_of(picture), like); }
  void put_bmp(const std::string& part, const image::Image& picture, std::size_t like) { put_bytes(part, bmp_of(picture), like); }

  doctor::NearLeaks find() {
    photos_ = photos_of(data::open_parts(folder_.path()), folder_.path());
    ThreadPool pool(2);
    glance(photos_, hashes_of(photos_), pool);
    const std::size_t width = train_ + val_;
    std::vector<float> train(train_ * width), val(val_ * width);
    for (std::size_t i = 0; i < train_; ++i) train[i * width + i] = 1;
    for (std::size_t i = 0; i < val_; ++i) val[i * width + like_[i].value_or(train_ + i)] = 1;
    return near_leaks(photos_, {train_, width, nullptr, train}, {val_, width, nullptr, val}, pool);
  }

  /// Numbers of the training photo and the validation photo.
  std::vector<std::pair<std::size_t, std::size_t>> numbers(const std::vector<CopyPair>& pairs) const {
    std::vector<std::pair<std::size_t, std::size_t>> result;
    for (const CopyPair& pair : pairs) result.emplace_back(pair.a, pair.b - train_);
    return result;
  }

  using Numbers = std::vector<std::pair<std::size_t, std::size_t>>;
  std::size_t train_ = 0, val_ = 0;

 private:
  void put_bytes(const std::string& part, const std::string& bytes, std::optional<std::size_t> like) {
    auto& count = part == "train" ? train_ : val_;
    put_file(folder_ / fmt_name(part, count++), bytes);
    if (part == "val") like_.push_back(like);
  }
  static std::string fmt_name(const std::string& part, std::size_t number) {
    return part + "/a/" + std::string(number < 10 ? "00" : number < 100 ? "0" : "") + std::to_string(number) + ".png";
  }
  static std::vector<Hash128> hashes_of(const std::vector<PhotoFacts>& photos) {
    std::vector<Hash128> hashes;
    for (const PhotoFacts& photo : photos) hashes.push_back(hash128(read_file(photo.sample.path)));
    return hashes;
  }

  const TestFolder folder_;
  std::vector<PhotoFacts> photos_;
  std::vector<std::optional<std::size_t>> like_;  // of each validation photo
};

TEST_F(NearLeaks, SamePixelsInOtherBytesAndNearCopiesOfOnePhoto) {
  for (int i = 0; i < 40; ++i) put("train", scene(i));
  put("val", scene(3), 3);  // to the byte: known without a look
  put("val", noisy(scene(5), 8, 1), 5);
  put("val", noisy(scene(5), 8, 2), 5);  // of the same training photo
  put_bmp("val", scene(11), 11);
  put("val", scene(100), 7);          // alike to the network alone
  put("val", noisy(scene(9), 8, 1));  // not alike to the network
  const auto found = find();
  EXPECT_EQ(numbers(found.near), (Numbers{{5, 1}, {5, 2}}));
  EXPECT_EQ(numbers(found.same), (Numbers{{11, 3}}));
  for (const CopyPair& pair : found.near) EXPECT_FALSE(pair.alike);
}

TEST_F(NearLeaks, GoOnAsLongAsAQuarterAreCopies) {
  for (int i = 0; i < 60; ++i) put("train", scene(i));
  for (int i = 0; i < 20; ++i) put("val", noisy(scene(i), 8, i), i);
  for (int i = 20; i < 50; ++i) put("val", scene(1000 + i), i);
  EXPECT_EQ(find().near.size(), 20U);
}

TEST_F(NearLeaks, OfPhotosThatAllLookAlikeAreMarked) {
  const image::Image common = scene(1);
  const auto cell = [&](int number) {  // a weak mark or two on what all have
    image::Image picture = common;
    const image::Image own = scene(number);
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<uint8_t>((9 * picture.pixels[i] + own.pixels[i]) / 10);
    return picture;
  };
  for (int i = 0; i < 70; ++i) put("train", cell(100 + i));
  for (int i = 0; i < 10; ++i) put("val", cell(200 + i), i);
  put("val", noisy(cell(120), 1.5, 1), 20);
  const auto found = find();
  EXPECT_EQ(numbers(found.near), (Numbers{{20, 10}}));
  ASSERT_EQ(found.near.size(), 1U);
  EXPECT_TRUE(found.near[0].alike) << "a person must tell it from a neighbor";
}

}  // namespace
}  // namespace graft::doctor
