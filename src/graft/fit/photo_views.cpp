#include "graft/fit/photo_views.h"

#include <array>
#include <utility>

#include "graft/base/files.h"
#include "graft/base/rng.h"
#include "graft/image/decode.h"

namespace graft::fit {
namespace {

constexpr uint64_t kViews = 0x7669657773;  // "views": streams of their own beside those that shuffle photos

}  // namespace

PhotoViews::PhotoViews(std::vector<std::filesystem::path> paths, const data::Preprocess& preprocess, const data::Augment& augment, uint64_t seed,
                       ThreadPool& pool)
    : paths_(std::move(paths)), preprocess_(preprocess), augment_(augment), seed_(seed ^ kViews), pool_(pool) {}

void PhotoViews::draw(std::span<const Picture> pictures, std::span<uint8_t> out) const {
  std::vector<std::size_t> starts;  // of the pictures of one photo
  for (std::size_t i = 0; i < pictures.size(); ++i)
    if (i == 0 || pictures[i].photo != pictures[i - 1].photo) starts.push_back(i);
  starts.push_back(pictures.size());
  const image::DecodeOptions options{.enough = data::enough_side(augment_, preprocess_)};
  pool_.parallel_for(starts.size() - 1, [&](std::size_t group) {
    const std::filesystem::path& path = paths_[pictures[starts[group]].photo];
    const image::Image photo = image::decode(read_file(path), path.string(), options);
    for (std::size_t i = starts[group]; i < starts[group + 1]; ++i) {
      Rng rng(seed_, pictures[i].view * paths_.size() + pictures[i].photo);
      data::augment(photo, augment_, preprocess_, rng, out.subspan(i * preprocess_.row_bytes(), preprocess_.row_bytes()));
    }
  });
}

void PhotoViews::fill(uint64_t view, std::span<const std::size_t> photos, std::span<float> out) const {
  std::vector<Picture> pictures;
  for (const std::size_t photo : photos) pictures.push_back({photo, view});
  std::vector<uint8_t> bytes(photos.size() * preprocess_.row_bytes());
  draw(pictures, bytes);
  const auto channels = static_cast<std::size_t>(preprocess_.channels());
  std::array<std::array<float, 256>, 3> normalised;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t x = 0; x < 256; ++x) normalised[c][x] = (static_cast<float>(x) / 255 - preprocess_.mean[c]) / preprocess_.std[c];
  pool_.parallel_for(photos.size(), [&](std::size_t i) {
    const std::size_t first = i * preprocess_.row_bytes();
    for (std::size_t p = first; p < first + preprocess_.row_bytes(); p += channels)
      for (std::size_t c = 0; c < channels; ++c) out[p + c] = normalised[c][bytes[p + c]];
  });
}

}  // namespace graft::fit
