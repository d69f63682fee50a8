#include "graft/data/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/image/colour.h"

namespace graft::data {
namespace {

using Json = nlohmann::json;

constexpr int kLargestSide = 8192;

using Named = std::pair<const char*, image::Background>;
constexpr std::array<Named, 3> kBackgrounds = {
    {{"none", image::Background::none}, {"white", image::Background::white}, {"black", image::Background::black}}};

/// The float as its shortest decimal: 0.485 and not 0.48500001430511475.
Json decimals(std::span<const float> values) {
  Json list = Json::array();
  for (const float value : values) list.push_back(std::stod(fmt::format("{}", value)));
  return list;
}

class Reader {
 public:
  Reader(const Json& json, std::string_view source) : json_(json), source_(source) {
    if (!json.is_object()) fail("preprocessing is not a JSON object");
    const std::vector<std::string> keys = {"resize", "crop", "filter", "mean", "std"}, later = {"background", "depth"};
    for (const auto& item : json.items())
      if (std::ranges::find(keys, item.key()) == keys.end() && std::ranges::find(later, item.key()) == later.end())
        fail(fmt::format("preprocessing has an unknown key '{}'", printable(item.key())));
    for (const std::string& key : keys)
      if (!json.contains(key)) fail(fmt::format("preprocessing lacks '{}'", key));
  }

  int side(const char* key) const {
    const Json& value = json_.at(key);
    if (!value.is_number_integer() || value < 1 || value > kLargestSide) refuse(key, fmt::format("a whole number from 1 to {}", kLargestSide));
    return value.get<int>();
  }

  /// A side, or height and width.
  Size size(const char* key) const {
    const Json& value = json_.at(key);
    if (!value.is_array()) return side(key);
    const auto good = [](const Json& x) { return x.is_number_integer() && x >= 1 && x <= kLargestSide; };
    if (value.size() != 2 || !std::ranges::all_of(value, good))
      refuse(key, fmt::format("height and width, whole numbers from 1 to {}", kLargestSide));
    return {value[0].get<int>(), value[1].get<int>()};
  }

  image::Filter filter(const char* key) const {
    const Json& value = json_.at(key);
    if (value == "bilinear") return image::Filter::bilinear;
    if (value != "bicubic") refuse(key, "\"bilinear\" or \"bicubic\"");
    return image::Filter::bicubic;
  }

  image::Background background(const char* key) const {
    if (!json_.contains(key)) return image::Background::white;
    for (const auto& [text, value] : kBackgrounds)
      if (json_.at(key) == text) return value;
    refuse(key, "\"none\", \"white\" or \"black\"");
  }

  int depth(const char* key) const {
    if (!json_.contains(key)) return 16;
    const Json& value = json_.at(key);
    if (!value.is_number_integer() || value < 8 || value > 16) refuse(key, "a whole number from 8 to 16");
    return value.get<int>();
  }

  std::array<float, 3> channels(const char* key, bool positive) const {
    const Json& value = json_.at(key);
    const auto good = [&](const Json& x) { return x.is_number() && std::isfinite(x.get<float>()) && (!positive || x.get<float>() > 0); };
    const bool fits = value.is_array() && (value.size() == 3 || value.size() == 1) && value.size() == json_.at("mean").size();
    if (!fits || !std::ranges::all_of(value, good))
      refuse(key, positive ? "three numbers above 0, or one for gray pictures" : "three numbers, or one for gray pictures");
    std::array<float, 3> channels;
    for (std::size_t c = 0; c < 3; ++c) channels[c] = value[value.size() == 1 ? 0 : c].get<float>();
    return channels;
  }

 private:
  [[noreturn]] void fail(std::string fact) const { throw data_error(std::string(source_), std::move(fact)); }
  [[noreturn]] void refuse(const char* key, const std::string& expected) const {
    fail(fmt::format("preprocessing '{}' is {}, expected {}", key, json_.at(key).dump(-1, ' ', false, Json::error_handler_t::replace), expected));
  }

  const Json& json_;
  std::string_view source_;
};

}  // namespace

void Preprocess::operator()(const image::Image& image, std::span<uint8_t> row, image::CropAt at) const {
  if (!grey) return image::resize_crop(image, cover(), crop, filter, row, at);
  std::vector<uint8_t> colour(row.size() * 3);
  image::resize_crop(image, cover(), crop, filter, colour, at);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = image::luma(&colour[3 * i]);
}

Size Preprocess::cover() const {
  const auto longer = static_cast<int>(int64_t{resize} * crop.longer() / crop.shorter());
  return crop.height > crop.width ? Size(longer, resize) : Size(resize, longer);
}

std::vector<image::CropAt> crops_of(TestViews views) {
  std::vector<image::CropAt> crops = {{}};
  if (views == TestViews::five || views == TestViews::ten)
    for (const int down : {-1, 1})
      for (const int across : {-1, 1}) crops.push_back({across, down});
  if (views == TestViews::mirror || views == TestViews::ten)
    for (std::size_t i = 0, count = crops.size(); i < count; ++i) crops.push_back({crops[i].across, crops[i].down, true});
  return crops;
}

Preprocess sized(Preprocess preprocess, std::optional<Size> size, std::optional<int> resize) {
  const double margin = static_cast<double>(preprocess.resize) / preprocess.crop.shorter();
  preprocess.crop = size.value_or(preprocess.crop);
  const int shorter = preprocess.crop.shorter();
  preprocess.resize = resize.value_or(static_cast<int>(std::lround(shorter * margin)));
  if (preprocess.resize < shorter)
    throw usage_error(fmt::format("--resize {}", preprocess.resize),
                      fmt::format("expected at least {}, {}", preprocess.crop.square() ? "--size" : "the shorter side of --size", shorter));
  return preprocess;
}

Json to_json(const Size& size) { return size.square() ? Json(size.height) : Json::array({size.height, size.width}); }

Json to_json(const Preprocess& preprocess) {
  const auto channels = static_cast<std::size_t>(preprocess.channels());
  return {{"resize", preprocess.resize},
          {"crop", to_json(preprocess.crop)},
          {"filter", preprocess.filter == image::Filter::bilinear ? "bilinear" : "bicubic"},
          {"mean", decimals(std::span(preprocess.mean).first(channels))},
          {"std", decimals(std::span(preprocess.std).first(channels))},
          {"background", std::ranges::find(kBackgrounds, preprocess.background, &Named::second)->first},
          {"depth", preprocess.depth}};
}

Preprocess preprocess_from_json(const Json& json, std::string_view source) {
  const Reader reader(json, source);
  return {reader.side("resize"),        reader.size("crop"),         reader.filter("filter"),         reader.channels("mean", false),
          reader.channels("std", true), json.at("mean").size() == 1, reader.background("background"), reader.depth("depth")};
}

}  // namespace graft::data
