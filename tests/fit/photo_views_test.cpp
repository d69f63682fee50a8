// Photos as training sees them: a function of seed, photo and view, whatever the number of threads.
#include "graft/fit/head/photo_views.h"

#include <gtest/gtest.h>

#include <vector>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/image/decode.h"

namespace graft::fit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPhotos = 9;

class Views : public testing::Test {
 protected:
  Views() {
    for (std::size_t i = 0; i < kPhotos; ++i) {
      paths_.push_back(folder_ / (std::to_string(i) + ".bmp"));
      write_file(paths_.back(), made_photo(static_cast<int>(i % 3), static_cast<int>(i)));
    }
  }

  /// Every photo in each of these views, one after the other.
  std::vector<uint8_t> drawn(int threads, std::vector<uint64_t> views, uint64_t seed = 5,
                             const data::Augment& augment = data::of(data::AugmentPreset::standard)) {
    ThreadPool pool(threads);
    const PhotoViews photos(paths_, preprocess_, augment, seed, pool);
    std::vector<PhotoViews::Picture> pictures;
    for (std::size_t photo = 0; photo < paths_.size(); ++photo)
      for (const uint64_t view : views) pictures.push_back({photo, view});
    std::vector<uint8_t> out(pictures.size() * preprocess_.row_bytes());
    photos.draw(pictures, out);
    return out;
  }

  static std::vector<PhotoViews::Picture> seen(uint64_t view, const std::vector<std::size_t>& which) {
    std::vector<PhotoViews::Picture> pictures;
    for (const std::size_t photo : which) pictures.push_back({photo, view});
    return pictures;
  }

  TestFolder folder_;
  std::vector<fs::path> paths_;
  data::Preprocess preprocess_{.resize = 40, .crop = 32};
};

TEST_F(Views, AreTheSameForAnyNumberOfThreads) {
  const std::vector<uint8_t> one = drawn(1, {0, 1});
  EXPECT_EQ(drawn(2, {0, 1}), one);
  EXPECT_EQ(drawn(8, {0, 1}), one);
}

TEST_F(Views, DifferByEpochPhotoAndSeed) {
  const std::vector<uint8_t> first = drawn(2, {0});
  EXPECT_NE(drawn(2, {1}), first);
  EXPECT_NE(drawn(2, {0}, 6), first);
  paths_.assign(2, paths_[0]);  // one photo under two numbers
  const std::vector<uint8_t> twice = drawn(2, {0});
  EXPECT_FALSE(std::equal(twice.begin(), twice.begin() + static_cast<std::ptrdiff_t>(preprocess_.row_bytes()),
                          twice.begin() + static_cast<std::ptrdiff_t>(preprocess_.row_bytes())));
}

TEST_F(Views, DoNotDependOnWhatElseIsDrawn) {
  const std::vector<uint8_t> both = drawn(2, {0, 1}), second = drawn(2, {1});
  const std::size_t row = preprocess_.row_bytes();
  for (std::size_t photo = 0; photo < kPhotos; ++photo)
    EXPECT_TRUE(std::equal(second.begin() + static_cast<std::ptrdiff_t>(photo * row), second.begin() + static_cast<std::ptrdiff_t>((photo + 1) * row),
                           both.begin() + static_cast<std::ptrdiff_t>((2 * photo + 1) * row)))
        << photo;
}

TEST_F(Views, WithoutChanceAreWhatPredictionSees) {
  const std::vector<uint8_t> all = drawn(2, {3}, 5, {});
  std::vector<uint8_t> plain(all.size());
  for (std::size_t i = 0; i < kPhotos; ++i)
    preprocess_(image::decode(read_file(paths_[i]), paths_[i].string()),
                std::span(plain).subspan(i * preprocess_.row_bytes(), preprocess_.row_bytes()));
  EXPECT_EQ(all, plain);
}

TEST_F(Views, FillIsOneViewNormalised) {
  ThreadPool pool(2);
  const PhotoViews photos(paths_, preprocess_, data::of(data::AugmentPreset::light), 5, pool);
  const std::vector<std::size_t> which{4, 2};
  std::vector<float> out(which.size() * preprocess_.row_bytes());
  photos.fill(seen(7, which), out);
  std::vector<uint8_t> bytes(out.size());
  photos.draw(std::vector<PhotoViews::Picture>{{4, 7}, {2, 7}}, bytes);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_FLOAT_EQ(out[i], (static_cast<float>(bytes[i]) / 255 - preprocess_.mean[i % 3]) / preprocess_.std[i % 3]) << i;
}

TEST_F(Views, OfPhotosInMemoryAreTheSame) {
  for (const data::Augment& augment : {data::of(data::AugmentPreset::standard), data::Augment{}}) {
    ThreadPool pool(3);
    const PhotoViews photos(paths_, preprocess_, augment, 5, pool);
    const std::vector<std::size_t> which{4, 2, 4};
    std::vector<float> first(which.size() * preprocess_.row_bytes()), second(first), again(first);
    photos.fill(seen(1, which), first);
    const std::string old = std::string(as_text(read_file(paths_[4])));
    write_file(paths_[4], std::string_view("no photo any more"));
    photos.fill(seen(2, which), second);
    photos.fill(seen(1, which), again);
    write_file(paths_[4], old);
    EXPECT_EQ(again, first);
    const PhotoViews anew(paths_, preprocess_, augment, 5, pool);
    anew.fill(seen(2, which), first);
    EXPECT_EQ(second, first);
  }
}

TEST_F(Views, OfGreyPicturesHaveOneChannel) {
  preprocess_.grey = true;
  ThreadPool pool(2);
  const PhotoViews photos(paths_, preprocess_, {}, 5, pool);
  std::vector<float> out(32 * 32);
  photos.fill(seen(0, {1}), out);
  std::vector<uint8_t> bytes(32 * 32);
  photos.draw(std::vector<PhotoViews::Picture>{{1, 0}}, bytes);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_FLOAT_EQ(out[i], (static_cast<float>(bytes[i]) / 255 - preprocess_.mean[0]) / preprocess_.std[0]);
}

TEST_F(Views, APhotoThatIsGoneOrBrokenIsAnError) {
  fs::remove(paths_[3]);
  EXPECT_EQ(test::error_of([&] { drawn(2, {0}); }), "data: " + paths_[3].string() + ": cannot read: No such file or directory");
  write_file(paths_[3], std::string_view("hello world"));
  EXPECT_EQ(test::error_of([&] { drawn(8, {0}); }),
            "data: " + paths_[3].string() + ": not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM (starts with 68 65 6c 6c)");
}

}  // namespace
}  // namespace graft::fit
