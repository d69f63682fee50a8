// Photos as a network in training sees them: another cut, flip or colour of each in every view, a function of (seed, photo, view) only.
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
  /// The photos are decoded on `pool`, which must outlive this; what comes out does not depend on its size. What fits into 64 MiB is kept decoded for
  /// the next epochs: the photos that come first, which changes the time and not what comes out.
  PhotoViews(std::vector<std::filesystem::path> paths, const data::Preprocess& preprocess, const data::Augment& augment, uint64_t seed,
             ThreadPool& pool);

  std::size_t size() const { return paths_.size(); }

  /// A picture as bytes, (height, width, channels).
  struct Picture {
    std::size_t photo;
    uint64_t view;
  };
  /// out: (pictures, height, width, channels). A photo is decoded once, however many of the pictures are its. Error (data) for a photo that cannot be
  /// read (any more).
  void draw(std::span<const Picture> pictures, std::span<uint8_t> out) const;

  /// Normalised: (pictures, height, width, channels). The first 64 MiB of photos it was asked for stay in memory for later
  /// views: decoded, or, where there is no chance in them, as they are seen.
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
