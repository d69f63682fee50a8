#include "graft/engine/feature_cache.h"

#include <gtest/gtest.h>

#include <fstream>

#include "folder.h"

namespace graft::engine {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kNoLimit = 1ULL << 40;

Hash128 image(uint64_t number) { return {number * 31, number}; }

void store(const fs::path& root, const Hash128& key, uint64_t first, uint64_t count, uint64_t limit = kNoLimit) {
  FeatureCache cache(root, key, "net", 3, limit);
  for (uint64_t i = first; i < first + count; ++i) {
    const auto x = static_cast<float>(i);
    cache.add(image(i), std::vector<float>{x, x + 0.5F, -x});
  }
}

std::vector<fs::path> segments(const fs::path& root) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().extension() == ".features") files.push_back(entry.path());
  return files;
}

TEST(FeatureCache, KeepsRowsByKeyAndImage) {
  const TestFolder folder;
  store(folder.path(), {1, 1}, 0, 10);
  store(folder.path(), {1, 1}, 10, 5);
  const FeatureCache same(folder.path(), {1, 1}, "net", 3, kNoLimit), other(folder.path(), {1, 2}, "net", 3, kNoLimit);
  for (uint64_t i = 0; i < 15; ++i) {
    const auto row = same.find(image(i));
    ASSERT_EQ(row.size(), 3U);
    EXPECT_EQ(row[1], static_cast<float>(i) + 0.5F);
    EXPECT_TRUE(other.find(image(i)).empty());
  }
  EXPECT_TRUE(same.find(image(15)).empty());
}

TEST(FeatureCache, ADamagedSegmentIsRemovedAndNothingOfItUsed) {
  const TestFolder folder;
  store(folder.path(), {1, 1}, 0, 10);
  const fs::path segment = segments(folder.path()).at(0);
  for (const std::streamoff at : {0, 9, 20, 200}) {
    const auto size = fs::file_size(segment);
    {
      std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(at);
      file.put('\x5A');
    }
    const FeatureCache cache(folder.path(), {1, 1}, "net", 3, kNoLimit);
    EXPECT_TRUE(cache.find(image(3)).empty()) << "byte " << at;
    EXPECT_FALSE(fs::exists(segment));
    store(folder.path(), {1, 1}, 0, 10);
    ASSERT_EQ(fs::file_size(segment), size);
  }
  fs::resize_file(segment, 30);
  EXPECT_TRUE(FeatureCache(folder.path(), {1, 1}, "net", 3, kNoLimit).find(image(3)).empty());
}

TEST(FeatureCache, TheLimitEvictsWhatWasUsedLongestAgo) {
  const TestFolder folder;
  store(folder.path(), {1, 1}, 0, 100);
  store(folder.path(), {2, 2}, 0, 100);
  const auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const fs::path& file : segments(folder.path())) fs::last_write_time(file, hour_ago);
  { const FeatureCache use(folder.path(), {1, 1}, "net", 3, kNoLimit); }
  const auto entries = list_features(folder.path());
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].key, Hash128({1, 1}).hex());
  EXPECT_EQ(entries[0].images, 100U);
  EXPECT_EQ(entries[0].description, "net");
  EXPECT_EQ(shrink_features(folder.path(), entries[0].bytes), entries[1].bytes);
  EXPECT_TRUE(FeatureCache(folder.path(), {2, 2}, "net", 3, kNoLimit).find(image(1)).empty());
  EXPECT_FALSE(FeatureCache(folder.path(), {1, 1}, "net", 3, kNoLimit).find(image(1)).empty());
  shrink_features(folder.path(), 0);
  EXPECT_TRUE(list_features(folder.path()).empty());
}

TEST(FeatureCache, APlaceThatCannotBeWrittenCostsTheCacheOnly) {
  const TestFolder folder;
  write_file(folder / "file", std::string_view("x"));
  store(folder / "file", {1, 1}, 0, 5000);
  EXPECT_TRUE(FeatureCache(folder / "file", {1, 1}, "net", 3, kNoLimit).find(image(3)).empty());
}

TEST(FeatureCache, ALimitOfZeroIsOff) {
  const TestFolder folder;
  store(folder.path(), {1, 1}, 0, 10, 0);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace graft::engine
