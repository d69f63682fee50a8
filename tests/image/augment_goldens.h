// Rows of a file that tools/make_augment_goldens.py wrote, and how a picture is compared with one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "base64.h"
#include "graft/image/transform.h"
#include "image/fixtures.h"

namespace graft::image {

/// `file` below tests/.
inline nlohmann::json augment_goldens(const std::string& file, const char* section) {
  return nlohmann::json::parse(as_text(read_file(std::filesystem::path(GRAFT_TESTS) / file))).at(section);
}

/// image_of() of the tool.
inline Image golden_input(const nlohmann::json& row) {
  const auto seed = row.at("seed").get<uint64_t>();
  Image image = ruled(row.at("in").at(0), row.at("in").at(1), seed);
  if (seed % 2 == 1)
    for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(value / 3 + 40);
  return image;
}

inline Border golden_border(const nlohmann::json& row) {
  const std::string name = row.at("border");
  return name == "edge" ? Border::edge : name == "reflect" ? Border::reflect : name == "symmetric" ? Border::symmetric : Border::wrap;
}

inline void expect_same(std::span<const uint8_t> pixels, const nlohmann::json& row) {
  EXPECT_EQ(digest(pixels).substr(0, 16), row.at("sha256")) << row;
}

/// Within one level; returns how many values differ.
inline int expect_near(std::span<const uint8_t> pixels, const nlohmann::json& row) {
  const std::vector<uint8_t> wanted = test::base64_bytes(row.at("rgb").get<std::string>());
  EXPECT_EQ(pixels.size(), wanted.size());
  int largest = 0, different = 0;
  for (size_t i = 0; i < std::min(pixels.size(), wanted.size()); ++i) {
    largest = std::max(largest, std::abs(pixels[i] - wanted[i]));
    different += pixels[i] != wanted[i];
  }
  EXPECT_LE(largest, 1) << row;
  return different;
}

}  // namespace graft::image
