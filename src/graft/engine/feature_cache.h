// Features on disk, so that each photo passes through a backbone only once. Keyed by everything that could change a number.
//
// cache_folder()/features/KEY/SEGMENT.features, where KEY is the hash of network, weights, preprocessing, cut and precision. A segment is written once,
// atomically, and never changed: "graftf01", width (u32), rows (u32), rows x 16-byte image hash, rows x width float32, XXH3-128 of all before it.
// A damaged segment is ignored and removed. Segments are evicted least recently used first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "graft/base/hash.h"

namespace graft::engine {

class FeatureCache {
 public:
  /// `description` (the network's name) is stored with the segments for `graft cache`. `limit_bytes` bounds the whole features folder; 0 turns the cache off.
  FeatureCache(std::filesystem::path folder, const Hash128& key, std::string description, std::size_t width, uint64_t limit_bytes);
  ~FeatureCache();  // writes what was added
  FeatureCache(const FeatureCache&) = delete;
  FeatureCache& operator=(const FeatureCache&) = delete;

  /// The row of a photo by the hash of its bytes, or empty. May be called by several threads at once; sees what was on disk at construction.
  std::span<const float> find(const Hash128& image) const;
  /// Takes a copy; written in segments of 4096 rows and at the end. If the disk is full or cannot be written, the cache is turned off and the run continues.
  void add(const Hash128& image, std::span<const float> row);

 private:
  void flush();
  void map_segment(const std::filesystem::path& file);

  std::filesystem::path root_, folder_;
  std::string description_;
  std::size_t width_;
  uint64_t limit_bytes_;
  std::vector<std::unique_ptr<MappedFile>> segments_;
  std::unordered_map<Hash128, std::span<const float>> rows_;
  std::vector<Hash128> new_images_;
  std::vector<float> new_rows_;
};

struct CacheEntry {
  std::string key, description;
  uint64_t bytes, images;
  std::filesystem::file_time_type used;
};

std::filesystem::path features_folder();  // cache_folder()/features
/// The contents of the cache, last used first.
std::vector<CacheEntry> list_features(const std::filesystem::path& root);
/// Removes least recently used segments until at most `limit_bytes` are left; returns the bytes freed.
uint64_t shrink_features(const std::filesystem::path& root, uint64_t limit_bytes);

}  // namespace graft::engine
