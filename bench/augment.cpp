// augment [TIMES]: milliseconds of one view of a decoded 500x375 photo at 224x224 for each preset and for one option at a time, as JSON lines,
// median of TIMES (default 200), beside Preprocess alone; and of decoding a 4000x3000 JPEG whole and to what is enough, when FILE is given
// as a second argument. For bench/run.py augment.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/files.h"
#include "graft/data/augment.h"
#include "graft/image/decode.h"

namespace {

using graft::data::Augment;
using graft::data::AugmentOptions;
using graft::data::AugmentPreset;
using graft::data::Policy;
using graft::image::Image;

double median_ms(int times, const std::function<void(int)>& work) {
  std::vector<double> milliseconds;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work(i);
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(milliseconds);
  return milliseconds[milliseconds.size() / 2];
}

double mean_ms(int times, const std::function<void(int)>& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work(i);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / times;
}

Image waves(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.pixels.push_back(static_cast<uint8_t>(std::lround(127 + 60 * std::sin(0.1 * x + c) + 60 * std::cos(0.07 * y * (c + 1)))));
  return image;
}

void views(int times) {
  const Image photo = waves(500, 375);
  const graft::data::Preprocess preprocess;
  std::vector<uint8_t> row(preprocess.row_bytes());
  const auto only = [](auto option) {
    AugmentOptions options;
    option(options);
    return of(AugmentPreset::light, options);
  };
  const std::vector<std::pair<std::string, Augment>> cases = {
      {"none", of(AugmentPreset::none)},
      {"light", of(AugmentPreset::light)},
      {"standard", of(AugmentPreset::standard)},
      {"strong", of(AugmentPreset::strong)},
      {"light --crop-scale 0.25,1", only([](AugmentOptions& o) { o.crop_scale = "0.25,1"; })},
      {"light --pad 8", only([](AugmentOptions& o) { o.pad = 8; })},
      {"light --rotation 10", only([](AugmentOptions& o) { o.rotation = 10; })},
      {"light --brightness 0.2", only([](AugmentOptions& o) { o.brightness = 0.2; })},
      {"light --contrast 0.2", only([](AugmentOptions& o) { o.contrast = 0.2; })},
      {"light --saturation 0.2", only([](AugmentOptions& o) { o.saturation = 0.2; })},
      {"light --hue 0.1", only([](AugmentOptions& o) { o.hue = 0.1; })},
      {"light --perspective 0.5", only([](AugmentOptions& o) { o.perspective = 0.5, o.perspective_chance = 1; })},
      {"light --blur 2", only([](AugmentOptions& o) { o.blur = 2, o.blur_chance = 1; })},
      {"light --sharpness 1", only([](AugmentOptions& o) { o.sharpness = 1, o.sharpness_chance = 1; })},
      {"light --equalize 1", only([](AugmentOptions& o) { o.equalise = 1; })},
      {"light --erase 1", only([](AugmentOptions& o) { o.erase = 1; })},
      {"light --policy randaugment", only([](AugmentOptions& o) { o.policy = Policy::randaugment; })},
      {"light --policy trivial", only([](AugmentOptions& o) { o.policy = Policy::trivial; })},
      {"light --policy autoaugment", only([](AugmentOptions& o) { o.policy = Policy::autoaugment; })},
      {"light --policy augmix", only([](AugmentOptions& o) { o.policy = Policy::augmix; })},
  };
  for (const auto& [name, augment] : cases) {
    const auto view = [&](int i) {
      graft::Rng rng(1, static_cast<uint64_t>(i));
      graft::data::augment(photo, augment, preprocess, rng, row);
    };
    view(0);
    const double median = median_ms(times, view);
    fmt::print("{{\"augment\": \"{}\", \"median_ms\": {:.3f}, \"mean_ms\": {:.3f}}}\n", name, median, mean_ms(times, view));
  }
}

void decoding(int times, const std::string& file) {
  const std::vector<std::byte> bytes = graft::read_file(file);
  for (const int enough : {0, 448, 256}) {
    Image image;
    const double median = median_ms(times, [&](int) { image = graft::image::decode(bytes, file, {.enough = enough}); });
    fmt::print("{{\"decode_enough\": {}, \"width\": {}, \"height\": {}, \"median_ms\": {:.2f}}}\n", enough, image.width, image.height, median);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const int times = count > 1 ? std::atoi(arguments[1]) : 200;
  if (times < 1) return fmt::print(stderr, "usage: augment [TIMES] [FILE.jpg]\n"), 2;
  views(times);
  if (count > 2) decoding(std::max(times / 20, 3), arguments[2]);
}
