#include "graft/doctor/photo_facts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/scan.h"
#include "graft/image/decode.h"
#include "graft/image/format_table.h"
#include "graft/image/resize.h"

namespace graft::doctor {
namespace {

/// ITU-R 601-2, in 16 bits, as Pillow's convert("L").
uint8_t luma(const uint8_t* rgb) { return static_cast<uint8_t>((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16U); }

Hash128 hash_of(const image::Image& picture) {
  const std::array<int, 2> size = {picture.width, picture.height};
  return Hasher().add(std::as_bytes(std::span(size))).add(std::as_bytes(std::span(picture.pixels))).finish();
}

std::array<float, 3> border_of(const image::Image& picture) {
  std::array<uint64_t, 3> sum{};
  uint64_t count = 0;
  const auto width = static_cast<std::size_t>(picture.width), height = static_cast<std::size_t>(picture.height);
  const auto add = [&](std::size_t x, std::size_t y) {
    for (std::size_t c = 0; c < 3; ++c) sum[c] += picture.pixels[3 * (y * width + x) + c];
    ++count;
  };
  for (std::size_t x = 0; x < width; ++x) add(x, 0), add(x, height - 1);
  for (std::size_t y = 0; y < height; ++y) add(0, y), add(width - 1, y);
  std::array<float, 3> mean;
  for (std::size_t c = 0; c < 3; ++c) mean[c] = static_cast<float>(static_cast<double>(sum[c]) / static_cast<double>(count));
  return mean;
}

void look_at_pixels(const image::Image& picture, PhotoFacts& facts) {
  uint64_t sum = 0, squares = 0;
  bool grey = true;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    const uint8_t* rgb = &picture.pixels[i];
    const uint64_t value = luma(rgb);
    sum += value, squares += value * value;
    grey = grey && rgb[0] == rgb[1] && rgb[1] == rgb[2];
  }
  const double pixels = static_cast<double>(picture.pixels.size()) / 3, mean = static_cast<double>(sum) / pixels;
  facts.grey = grey;
  facts.deviation = static_cast<float>(std::sqrt(std::max(0.0, static_cast<double>(squares) / pixels - mean * mean)));
  facts.border = border_of(picture);
  facts.pixel_hash = hash_of(picture);
  const image::Image small = image::resize(picture, kSmall, kSmall, image::Filter::bilinear);
  for (std::size_t i = 0; i < facts.small.size(); ++i) facts.small[i] = luma(&small.pixels[3 * i]);
}

void look_at_file(Bytes file, PhotoFacts& facts) {
  facts.bytes = file.size();
  facts.details = image::details_of(file);
  const image::FormatRow* named = image::format_by_name(facts.sample.path.filename().native());
  facts.mistyped = named != nullptr && facts.details.format && named->format != *facts.details.format;
}

void gather_one(PhotoFacts& facts) {
  try {
    const std::vector<std::byte> file = read_file(facts.sample.path);
    facts.file_hash = hash128(file);
    look_at_file(file, facts);
    image::Traits traits;
    image::DecodeOptions options;
    options.traits = &traits;
    const image::Image picture = image::decode(file, facts.name, options);
    facts.width = picture.width, facts.height = picture.height;
    facts.transparent = traits.transparent;
    look_at_pixels(picture, facts);
    facts.decoded = true;
  } catch (const Error& error) {
    facts.unreadable = error.fact();
  }
}

void glance_at_one(PhotoFacts& facts) {
  constexpr int kLying = 5;  // orientations from here on exchange width and height
  try {
    const MappedFile file(facts.sample.path);
    look_at_file(file.bytes(), facts);
  } catch (const Error& error) {
    facts.unreadable = error.fact();
    return;
  }
  facts.width = facts.details.width, facts.height = facts.details.height;
  if (facts.details.orientation >= kLying) std::swap(facts.width, facts.height);
}

}  // namespace

std::vector<PhotoFacts> photos_of(const data::Splits& splits, const std::filesystem::path& root) {
  std::vector<PhotoFacts> photos;
  for (const auto& [samples, part] :
       {std::pair{&splits.train, data::Part::train}, std::pair{&splits.val, data::Part::val}, std::pair{&splits.test, data::Part::test}})
    for (const data::Sample& sample : *samples)
      photos.push_back({.sample = sample, .part = part, .name = printable(data::name_under(root, sample.path))});
  return photos;
}

void gather(std::vector<PhotoFacts>& photos, ThreadPool& pool, const std::function<void(std::size_t)>& advance) {
  pool.parallel_for(photos.size(), [&](std::size_t i) {
    check_interrupted();
    gather_one(photos[i]);
    if (advance) advance(1);
  });
}

void glance(std::vector<PhotoFacts>& photos, std::span<const Hash128> hashes, ThreadPool& pool) {
  pool.parallel_for(photos.size(), [&](std::size_t i) {
    photos[i].file_hash = photos[i].pixel_hash = hashes[i];
    glance_at_one(photos[i]);
  });
}

}  // namespace graft::doctor
