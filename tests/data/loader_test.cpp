#include "graft/data/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <set>
#include <stdexcept>

#include "bmp.h"
#include "data/made_files.h"
#include "graft/base/files.h"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using Indices = std::vector<std::size_t>;

Preprocess small() {
  Preprocess preprocess;
  preprocess.resize = 8;
  preprocess.crop = 6;
  return preprocess;
}

/// 40 different images of several sizes.
class Loading : public ::testing::Test {
 protected:
  static constexpr std::size_t kImages = 40;

  Loading() {
    for (std::size_t i = 0; i < kImages; ++i) {
      paths_.push_back(folder_ / ("photos/" + std::to_string(100 + i) + ".bmp"));
      const int number = static_cast<int>(i);
      test::put(paths_[i], made_photo(number % 4, number, 9 + number % 7, 12));
    }
  }
  Hash128 hash(std::size_t i) const { return hash128(read_file(paths_[i])); }
  void spoil(std::size_t i) { test::put(paths_[i], "text"); }

  struct Result {
    std::vector<Indices> batches;
    std::vector<uint8_t> pixels;
    std::vector<Hash128> hashes;
    Indices unreadable, skipped;
    bool operator==(const Result&) const = default;
  };
  Result load(const LoaderOptions& options) {
    Loader loader(paths_, small(), options);
    Result result;
    std::size_t rows = 0;
    while (auto batch = loader.next()) {
      EXPECT_EQ(batch->first, rows);
      EXPECT_EQ(batch->pixels.size(), batch->indices.size() * small().row_bytes());
      EXPECT_EQ(batch->hashes.size(), batch->indices.size());
      rows += batch->indices.size();
      result.batches.push_back(batch->indices);
      result.pixels.insert(result.pixels.end(), batch->pixels.begin(), batch->pixels.end());
      result.hashes.insert(result.hashes.end(), batch->hashes.begin(), batch->hashes.end());
      loader.recycle(std::move(*batch));
    }
    EXPECT_FALSE(loader.next().has_value());
    for (const Unreadable& bad : loader.unreadable()) result.unreadable.push_back(bad.index);
    for (const Skipped& skipped : loader.skipped()) {
      EXPECT_EQ(skipped.hash, hash(skipped.index));
      result.skipped.push_back(skipped.index);
    }
    return result;
  }

  const TestFolder folder_;
  std::vector<fs::path> paths_;
};

TEST_F(Loading, RowsAreThePreprocessedImages) {
  const Result result = load({.batch = 16, .threads = 2});
  ASSERT_EQ(result.batches.size(), 3U);
  EXPECT_EQ(result.batches[2], (Indices{32, 33, 34, 35, 36, 37, 38, 39}));
  std::vector<uint8_t> row(small().row_bytes());
  for (std::size_t i = 0; i < kImages; ++i) {
    small()(image::decode(read_file(paths_[i]), "x"), row);
    EXPECT_TRUE(std::equal(row.begin(), row.end(), result.pixels.begin() + static_cast<std::ptrdiff_t>(i * row.size()))) << i;
    EXPECT_EQ(result.hashes[i], hash(i));
  }
}

TEST_F(Loading, EachImageIsSeenAsItWasDecoded) {
  spoil(7);
  const Hash128 cached = hash(9);
  std::vector<int> widths(kImages, 0);
  load({.threads = 3,
        .skip = [&](const Hash128& h) { return h == cached; },
        .each = [&](std::size_t i, const image::Image& image) { widths[i] += image.width; }});
  for (std::size_t i = 0; i < kImages; ++i)
    EXPECT_EQ(widths[i], i == 7 || i == 9 ? 0 : image::decode(read_file(folder_ / ("photos/" + std::to_string(100 + i) + ".bmp")), "x").width) << i;
}

TEST_F(Loading, ThreadsNeverChangeTheResult) {
  for (const std::size_t i : {0U, 7U, 8U, 39U}) spoil(i);
  const std::set<Hash128> cached = {hash(1), hash(9), hash(10), hash(38)};
  LoaderOptions options{.batch = 5, .threads = 1, .skip = [&](const Hash128& h) { return cached.contains(h); }};
  const Result wanted = load(options);
  EXPECT_EQ(wanted.unreadable, (Indices{0, 7, 8, 39}));
  EXPECT_EQ(wanted.skipped, (Indices{1, 9, 10, 38}));
  ASSERT_EQ(wanted.batches.size(), 7U);
  EXPECT_EQ(wanted.batches[0], (Indices{2, 3, 4, 5, 6}));
  EXPECT_EQ(wanted.batches[1], (Indices{11, 12, 13, 14, 15}));
  EXPECT_EQ(wanted.batches[6], (Indices{36, 37}));
  for (options.threads = 1; options.threads <= 4; ++options.threads)
    for (const int ahead : {1, 4}) {
      options.ahead = ahead;
      EXPECT_TRUE(load(options) == wanted) << options.threads << " threads, " << ahead << " ahead";
    }
}

TEST_F(Loading, SkippedImagesAreNotDecoded) {
  for (std::size_t i = 0; i < kImages; ++i) spoil(i);
  const Result result = load({.batch = 4, .threads = 3, .ahead = 1, .skip = [](const Hash128&) { return true; }});
  EXPECT_TRUE(result.batches.empty());
  EXPECT_TRUE(result.unreadable.empty());
  EXPECT_EQ(result.skipped.size(), kImages);
}

TEST_F(Loading, NothingToLoad) {
  paths_.clear();
  EXPECT_TRUE(load({.batch = 4, .threads = 2}).batches.empty());
}

TEST_F(Loading, MemoryIsBounded) {
  std::atomic<int> asked = 0;
  std::latch filled(6);
  Loader loader(paths_, small(), {.batch = 3, .threads = 4, .ahead = 2, .skip = [&](const Hash128&) {
                                    if (++asked <= 6) filled.count_down();
                                    return false;
                                  }});
  filled.wait();  // six samples are claimed, so all six rows are in use
  EXPECT_EQ(asked, 6);
  ASSERT_TRUE(loader.next().has_value());
  EXPECT_LE(asked, 9);
}

TEST_F(Loading, StopsMidway) {
  for (int threads = 1; threads <= 4; ++threads)
    for (std::size_t batches = 0; batches < 4; ++batches) {
      Loader loader(paths_, small(), {.batch = 4, .threads = threads, .ahead = 2});
      for (std::size_t i = 0; i < batches; ++i) ASSERT_TRUE(loader.next().has_value());
    }
}

TEST_F(Loading, OtherExceptionsComeThroughWhereTheyHappened) {
  for (int threads = 1; threads <= 4; ++threads) {
    const Hash128 ninth = hash(9), twentieth = hash(20);
    Loader loader(paths_, small(), {.batch = 4, .threads = threads, .skip = [&](const Hash128& h) -> bool {
                                      if (h == ninth) throw std::runtime_error("ninth");
                                      if (h == twentieth) throw std::runtime_error("twentieth");
                                      return false;
                                    }});
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_TRUE(loader.next().has_value());
    try {
      loader.next();
      ADD_FAILURE() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "ninth");
    }
    EXPECT_FALSE(loader.next().has_value());
  }
}

TEST_F(Loading, UnreadableImagesAreOneError) {
  for (std::size_t i = 0; i < 12; ++i) spoil(i);
  fs::remove(paths_[0]);
  Loader loader(paths_, small(), {.batch = 50, .threads = 2});
  while (loader.next()) {}
  const std::vector<Unreadable>& bad = loader.unreadable();
  ASSERT_EQ(bad.size(), 12U);
  const Error two = unreadable_error(folder_ / "photos", kImages, std::span(bad).first(2));
  EXPECT_EQ(two.subject(), (folder_ / "photos").string());
  EXPECT_EQ(two.fact(),
            "2 of 40 photos cannot be read: 100.bmp (cannot read: No such file or directory), "
            "101.bmp (not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM (starts with 74 65 78 74))");
  EXPECT_EQ(two.hint(), "repair or remove them, or pass --skip-unreadable");
  EXPECT_EQ(two.exit_code(), 1);
  const std::string all = unreadable_error(folder_ / "labels.csv", kImages, bad).fact();
  EXPECT_TRUE(all.starts_with("12 of 40 photos cannot be read: photos/100.bmp (")) << all;
  EXPECT_TRUE(
      all.ends_with(" photos/109.bmp (not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM (starts with 74 65 78 74)) and 2 more"))
      << all;
}

}  // namespace
}  // namespace graft::data
