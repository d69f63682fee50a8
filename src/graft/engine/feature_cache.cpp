#include "graft/engine/feature_cache.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "graft/base/error.h"
#include "graft/base/files.h"

namespace graft::engine {
namespace fs = std::filesystem;
namespace {

constexpr char kMagic[8] = {'g', 'r', 'a', 'f', 't', 'f', '0', '1'};
constexpr const char* kExtension = ".features";
constexpr const char* kDescription = "network.txt";
constexpr std::size_t kSegmentRows = 4096;

struct SegmentHeader {
  char magic[8];
  uint32_t width, rows;
};

std::size_t content_bytes(std::size_t width, std::size_t rows) { return sizeof(SegmentHeader) + rows * (sizeof(Hash128) + width * sizeof(float)); }

struct Segment {
  fs::path file;
  uint64_t bytes;
  fs::file_time_type used;
};

std::vector<Segment> segments_of(const fs::path& folder) {
  std::vector<Segment> found;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
    if (it->path().extension() == kExtension) found.push_back({it->path(), it->file_size(code), it->last_write_time(code)});
  std::sort(found.begin(), found.end(), [](const Segment& a, const Segment& b) { return a.file < b.file; });
  return found;
}

std::vector<fs::path> folders_of(const fs::path& root) {
  std::vector<fs::path> folders;
  std::error_code code;
  for (fs::directory_iterator it(root, code), end; !code && it != end; it.increment(code))
    if (it->is_directory(code)) folders.push_back(it->path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

FeatureCache::FeatureCache(fs::path root, const Hash128& key, std::string description, std::size_t width, uint64_t limit_bytes)
    : root_(std::move(root)), folder_(root_ / key.hex()), description_(std::move(description)), width_(width), limit_bytes_(limit_bytes) {
  if (limit_bytes_ == 0) return;
  for (const Segment& segment : segments_of(folder_)) map_segment(segment.file);
}

FeatureCache::~FeatureCache() { flush(); }

void FeatureCache::map_segment(const fs::path& file) {
  std::error_code code;
  try {
    auto mapped = std::make_unique<MappedFile>(file);
    const Bytes bytes = mapped->bytes();
    SegmentHeader header{};
    if (bytes.size() >= sizeof header) std::memcpy(&header, bytes.data(), sizeof header);
    const std::size_t content = content_bytes(width_, header.rows);
    const bool fits = std::memcmp(header.magic, kMagic, sizeof kMagic) == 0 && header.width == width_ && bytes.size() == content + sizeof(Hash128);
    Hash128 sum;
    if (fits) std::memcpy(&sum, bytes.data() + content, sizeof sum);
    if (!fits || hash128(bytes.first(content)) != sum) {
      fs::remove(file, code);
      return;
    }
    const std::byte* images = bytes.data() + sizeof header;
    const auto* values = reinterpret_cast<const float*>(images + header.rows * sizeof(Hash128));  // 16-byte header and hashes keep it aligned
    for (std::size_t i = 0; i < header.rows; ++i) {
      Hash128 image;
      std::memcpy(&image, images + i * sizeof image, sizeof image);
      rows_.emplace(image, std::span(values + i * width_, width_));
    }
    segments_.push_back(std::move(mapped));
    fs::last_write_time(file, fs::file_time_type::clock::now(), code);  // used now
  } catch (const Error&) {
    // Another run evicted it between the listing and now.
  }
}

std::span<const float> FeatureCache::find(const Hash128& image) const {
  const auto found = rows_.find(image);
  return found == rows_.end() ? std::span<const float>() : found->second;
}

void FeatureCache::add(const Hash128& image, std::span<const float> row) {
  if (limit_bytes_ == 0 || rows_.contains(image)) return;
  new_images_.push_back(image);
  new_rows_.insert(new_rows_.end(), row.begin(), row.end());
  if (new_images_.size() == kSegmentRows) flush();
}

void FeatureCache::flush() {
  if (new_images_.empty()) return;
  const std::size_t rows = new_images_.size(), content = content_bytes(width_, rows);
  std::vector<std::byte> bytes(content + sizeof(Hash128));
  SegmentHeader header{{}, static_cast<uint32_t>(width_), static_cast<uint32_t>(rows)};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, new_images_.data(), rows * sizeof(Hash128));
  std::memcpy(bytes.data() + sizeof header + rows * sizeof(Hash128), new_rows_.data(), new_rows_.size() * sizeof(float));
  const Hash128 sum = hash128(Bytes(bytes).first(content));
  std::memcpy(bytes.data() + content, &sum, sizeof sum);
  new_images_.clear();
  new_rows_.clear();
  try {
    write_file(folder_ / (sum.hex() + kExtension), bytes, Sync::later);  // a torn one is seen by its sum
    if (!fs::exists(folder_ / kDescription)) write_file(folder_ / kDescription, description_, Sync::later);
    shrink_features(root_, limit_bytes_);
  } catch (const std::exception&) {
    limit_bytes_ = 0;
  }
}

fs::path features_folder() { return cache_folder() / "features"; }

std::vector<CacheEntry> list_features(const fs::path& root) {
  std::vector<CacheEntry> entries;
  for (const fs::path& folder : folders_of(root)) {
    CacheEntry entry{folder.filename().string(), "unknown network", 0, 0, fs::file_time_type::min()};
    std::error_code code;
    if (fs::exists(folder / kDescription, code)) entry.description = as_text(read_file(folder / kDescription));
    for (const Segment& segment : segments_of(folder)) {
      SegmentHeader header{};
      const MappedFile mapped(segment.file);
      if (mapped.bytes().size() >= sizeof header) std::memcpy(&header, mapped.bytes().data(), sizeof header);
      entry.bytes += segment.bytes;
      entry.images += header.rows;
      entry.used = std::max(entry.used, segment.used);
    }
    entries.push_back(std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const CacheEntry& a, const CacheEntry& b) { return a.used > b.used; });
  return entries;
}

uint64_t shrink_features(const fs::path& root, uint64_t limit_bytes) {
  std::vector<Segment> all;
  uint64_t total = 0, freed = 0;
  for (const fs::path& folder : folders_of(root))
    for (const Segment& segment : segments_of(folder)) {
      all.push_back(segment);
      total += segment.bytes;
    }
  std::stable_sort(all.begin(), all.end(), [](const Segment& a, const Segment& b) { return a.used < b.used; });
  std::error_code code;
  for (const Segment& segment : all) {
    if (total - freed <= limit_bytes) break;
    if (fs::remove(segment.file, code)) freed += segment.bytes;
  }
  for (const fs::path& folder : folders_of(root))
    if (segments_of(folder).empty()) fs::remove_all(folder, code);
  return freed;
}

}  // namespace graft::engine
