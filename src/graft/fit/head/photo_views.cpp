#include "graft/fit/head/photo_views.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "graft/base/files.h"
#include "graft/base/rng.h"
#include "graft/data/normalise.h"
#include "graft/image/decode.h"

namespace graft::fit {
namespace {

constexpr uint64_t kViews = 0x7669657773;  // "views": streams of their own beside those that shuffle photos

constexpr std::size_t kMost = std::size_t{64} << 20;  // bytes that known photos may take

}  // namespace

/// Photos seen before, as far as there is room. From any thread.
class PhotoViews::Known {
 public:
  using Photo = std::shared_ptr<const image::Image>;

  Photo find(std::size_t photo) {
    const std::scoped_lock lock(mutex_);
    const auto found = photos_.find(photo);
    return found == photos_.end() ? nullptr : found->second;
  }
  void keep(std::size_t photo, const Photo& image) {
    const std::scoped_lock lock(mutex_);
    if (image->pixels.size() <= room_ && photos_.emplace(photo, image).second) room_ -= image->pixels.size();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::size_t, Photo> photos_;
  std::size_t room_ = kMost;
};

PhotoViews::PhotoViews(std::vector<std::filesystem::path> paths, const data::Preprocess& preprocess, const data::Augment& augment, uint64_t seed,
                       ThreadPool& pool)
    : paths_(std::move(paths)), preprocess_(preprocess), augment_(augment), seed_(seed ^ kViews), pool_(pool), known_(std::make_shared<Known>()) {}

void PhotoViews::draw(std::span<const Picture> pictures, std::span<uint8_t> out) const { draw(pictures, out, nullptr); }

void PhotoViews::draw(std::span<const Picture> pictures, std::span<uint8_t> out, Known* known) const {
  std::vector<std::size_t> order(pictures.size()), starts;  // by photo, and where in that one's pictures begin
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return pictures[i].photo; });
  for (std::size_t k = 0; k < order.size(); ++k)
    if (k == 0 || pictures[order[k]].photo != pictures[order[k - 1]].photo) starts.push_back(k);
  starts.push_back(pictures.size());
  const image::DecodeOptions options = preprocess_.decoding(data::enough_side(augment_, preprocess_));
  const bool chance = augment_.any();
  const auto row = [&](std::size_t i) { return out.subspan(i * preprocess_.row_bytes(), preprocess_.row_bytes()); };
  pool_.parallel_for(starts.size() - 1, [&](std::size_t group) {
    const std::size_t first = order[starts[group]], index = pictures[first].photo;
    Known::Photo photo = known != nullptr ? known->find(index) : nullptr;
    const bool seen = photo != nullptr;
    if (!seen) photo = std::make_shared<image::Image>(image::decode(read_file(paths_[index]), paths_[index].string(), options));
    for (std::size_t k = starts[group]; k < starts[group + 1]; ++k) {
      const std::size_t i = order[k];
      if (seen && !chance) {
        std::ranges::copy(photo->pixels, row(i).begin());
        continue;
      }
      Rng rng(seed_, pictures[i].view * paths_.size() + pictures[i].photo);
      data::augment(*photo, augment_, preprocess_, rng, row(i));
    }
    if (seen || known == nullptr) return;
    const auto as_seen = [&] { return image::Image{preprocess_.crop.width, preprocess_.crop.height, {row(first).begin(), row(first).end()}}; };
    known->keep(index, chance ? photo : std::make_shared<image::Image>(as_seen()));
  });
}

void PhotoViews::fill(std::span<const Picture> pictures, std::span<float> out) const {
  std::vector<uint8_t> bytes(pictures.size() * preprocess_.row_bytes());
  draw(pictures, bytes, known_.get());
  const std::size_t row_bytes = preprocess_.row_bytes();
  pool_.parallel_for(pictures.size(), [&](std::size_t i) {
    data::normalise(preprocess_, std::span(bytes).subspan(i * row_bytes, row_bytes), out.subspan(i * row_bytes, row_bytes));
  });
}

}  // namespace graft::fit
