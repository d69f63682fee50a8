// From a decoded image to a row of the engine's batch. Step 4 of a photo's journey (ARCHITECTURE.md); a plain value that is stored with a model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "graft/base/size.h"
#include "graft/image/decode.h"
#include "graft/image/image.h"
#include "graft/image/resize.h"

namespace graft::data {

/// Resize, cut out the centre; the normalisation (x / 255 - mean) / std is compiled into the engine, so rows stay bytes. The network's picture is a
/// square, or of any other size: a photo keeps its proportions, and what does not fit the picture is cut off.
struct Preprocess {
  int resize = 256;  // shorter side of cover(), pixels; of a square that is the photo's own shorter side
  Size crop = 224;   // the network's picture, pixels
  image::Filter filter = image::Filter::bilinear;
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};  // RGB, of values in 0..1; ImageNet's
  std::array<float, 3> std = {0.229F, 0.224F, 0.225F};
  bool grey = false;  // one channel, the luma of ITU-R 601 as Pillow's convert("L") takes it; its mean and deviation are the first of the three
  image::Background background = image::Background::none;  // behind transparent pixels
  int depth = 16;                                          // bits of a 16-bit sample that count, 8 to 16

  int channels() const { return grey ? 1 : 3; }
  /// How a photo's file is to be read. `enough`: as DecodeOptions has it.
  image::DecodeOptions decoding(int enough = 0) const { return {.enough = enough, .background = background, .depth = depth}; }
  /// What a photo is resized to cover: in the proportions of `crop`.
  Size cover() const;
  /// Fills `row` with the part that lies there, (height, width, channels) of `crop`, of row_bytes() bytes.
  void operator()(const image::Image& image, std::span<uint8_t> row, image::CropAt at = {}) const;
  std::size_t row_bytes() const { return static_cast<std::size_t>(crop.height) * static_cast<std::size_t>(crop.width * channels()); }
  bool operator==(const Preprocess&) const = default;
};

/// What --size is, for the helps.
inline constexpr const char* kSizeHelp =
    "size of the network's input in pixels: the side of a square, or HEIGHTxWIDTH such as 256x128, where a photo keeps its proportions and what does "
    "not fit is cut off; auto: the size it was trained with";

/// Which views of a photo are used at test time.
enum class TestViews {
  one,     // the centre
  mirror,  // and its mirror image
  five,    // centre and corners
  ten,     // and their mirror images
};
std::vector<image::CropAt> crops_of(TestViews views);

/// The same for pictures of `size`: `resize`, where it is not said, keeps its proportion to their shorter side. Error (usage) where it is below that.
Preprocess sized(Preprocess preprocess, std::optional<Size> size, std::optional<int> resize);

/// 224 of a square, else [256, 128]: height and width.
nlohmann::json to_json(const Size& size);

/// {"resize": 256, "crop": 224, "filter": "bilinear", "mean": [0.485, ...], "std": [...], "background": "none", "depth": 16}; reading it back gives
/// an equal value. A picture that is no square has its height and width: "crop": [256, 128]. A single number as mean and std says that it is grey.
nlohmann::json to_json(const Preprocess& preprocess);

/// Strict: every key once, none else, sizes 1 to 8192, std > 0. Files from before there was a choice lack the last two: white, and 16 bits. Error (data) with `source` as its subject.
Preprocess preprocess_from_json(const nlohmann::json& json, std::string_view source);

}  // namespace graft::data
