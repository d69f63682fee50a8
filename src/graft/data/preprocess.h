// From a decoded image to a row of the engine's batch. Step 4 of the image journey, a pure value that a model carries with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "graft/image/decode.h"
#include "graft/image/image.h"
#include "graft/image/resize.h"

namespace graft::data {

/// Resize the shorter side, cut out the centre; the normalisation (x / 255 - mean) / std is compiled into the engine, so rows stay bytes.
struct Preprocess {
  int resize = 256;  // shorter side, pixels
  int crop = 224;    // side of the square, pixels
  image::Filter filter = image::Filter::bilinear;
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};  // RGB, of values in 0..1; ImageNet's
  std::array<float, 3> std = {0.229F, 0.224F, 0.225F};
  bool grey = false;  // one channel, the luma of ITU-R 601 as Pillow's convert("L") takes it; its mean and deviation are the first of the three
  image::Background background = image::Background::none;  // behind transparent pixels
  int depth = 16;                                          // bits of a 16-bit sample that count, 8 to 16

  int channels() const { return grey ? 1 : 3; }
  /// How a photo's file is to be read. `enough`: as DecodeOptions has it.
  image::DecodeOptions decoding(int enough = 0) const { return {.enough = enough, .background = background, .depth = depth}; }
  /// Fills `row` with the square that lies there, (crop, crop, channels) in HWC, of row_bytes() bytes.
  void operator()(const image::Image& image, std::span<uint8_t> row, image::CropAt at = {}) const;
  std::size_t row_bytes() const { return static_cast<std::size_t>(crop) * static_cast<std::size_t>(crop * channels()); }
  bool operator==(const Preprocess&) const = default;
};

/// What is looked at of a photo at test time.
enum class TestViews {
  one,     // the centre
  mirror,  // and its mirror image
  five,    // centre and corners
  ten,     // and their mirror images
};
std::vector<image::CropAt> crops_of(TestViews views);

/// The same for squares of `size`: `resize`, where it is not said, keeps its proportion to the square. Error (usage) where it is below the square.
Preprocess sized(Preprocess preprocess, std::optional<int> size, std::optional<int> resize);

/// {"resize": 256, "crop": 224, "filter": "bilinear", "mean": [0.485, ...], "std": [...], "background": "none", "depth": 16}; reading it back gives
/// an equal value. A single number as mean and std says that the picture is grey.
nlohmann::json to_json(const Preprocess& preprocess);

/// Strict: every key once, none else, sizes 1 to 8192, std > 0. Files from before there was a choice lack the last two: white, and 16 bits. Error (data) with `source` as its subject.
Preprocess preprocess_from_json(const nlohmann::json& json, std::string_view source);

}  // namespace graft::data
