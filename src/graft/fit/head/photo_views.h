// Photos as a network sees them in training: cropped, flipped and colored differently in every view, as a function of (seed, photo, view) only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/data/augment.h"
#include "graft/data/preprocess.h"

namespace graft::fit {

class PhotoViews {
 public:
  /// The photos are decoded on `pool`, which must outlive this; the result does not depend on its size.
  /// The first photos are kept decoded for the next epochs, up to 64 MiB; this affects only the time.
  PhotoViews(std::vector<std::filesystem::path> paths, const data::Preprocess& preprocess, const data::Augment& augment, uint64_t seed,
             ThreadPool& pool);

  std::size_t size() const { return paths_.size(); }

  /// A picture as bytes, (height, width, channels).
  struct Picture {
    std::size_t photo;
    uint64_t view;
  };
  /// out: (pictures, height, width, channels). A photo is decoded once, even for
  /// several pictures. Error (data) for a photo that cannot be read (any more).
  void draw(std::span<const Picture> pictures, std::span<uint8_t> out) const;

  /// Normalized: (pictures, height, width, channels). The first 64 MiB of photos stay in
  /// memory for later views: decoded, or, if views are not random, as the network sees them.
  void fill(std::span<const Picture> pictures, std::span<float> out) const;

 private:
  class Known;
  void draw(std::span<const Picture> pictures, std::span<uint8_t> out, Known* known) const;

  std::vector<std::filesystem::path> paths_;
  data::Preprocess preprocess_;
  data::Augment augment_;
  uint64_t seed_;
  ThreadPool& pool_;
  std::shared_ptr<Known> known_;
};

}  // namespace graft::fit
