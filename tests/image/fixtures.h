// The small images and the expected values that tools/make_image_goldens.py wrote.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/image/image.h"
#include "graft/image/resize.h"

namespace graft::image {

inline std::filesystem::path fixture_folder() { return std::filesystem::path(GRAFT_TESTS) / "image" / "fixtures"; }

inline std::vector<std::byte> fixture(const std::string& name) { return read_file(fixture_folder() / name); }

inline std::vector<std::string> fixture_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(fixture_folder())) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

inline nlohmann::json goldens(const char* section) {
  return nlohmann::json::parse(as_text(read_file(fixture_folder().parent_path() / "goldens.json"))).at(section);
}

inline std::string digest(std::span<const uint8_t> pixels) { return sha256_hex(std::as_bytes(pixels)); }

inline Filter filter_of(const nlohmann::json& row) { return row.at("filter") == "bicubic" ? Filter::bicubic : Filter::bilinear; }

/// The image of ruled() in tools/make_image_goldens.py.
inline Image ruled(int width, int height, uint64_t seed) {
  Image image{width, height, std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height) * 3)};
  for (uint64_t i = 0; i < image.pixels.size(); ++i) {
    uint64_t z = (seed << 32 | i) + 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z = z ^ (z >> 31);
    const auto value = static_cast<uint8_t>(z >> 56);
    image.pixels[i] = (z & 31) < 10 ? (value < 128 ? 0 : 255) : value;
  }
  return image;
}

}  // namespace graft::image
