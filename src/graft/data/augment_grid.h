// A picture of what augmentation does to photos: for `graft augment`, and for the log of a training.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "graft/base/thread_pool.h"
#include "graft/data/augment.h"
#include "graft/data/preprocess.h"
#include "graft/image/image.h"

namespace graft::data {

/// A row for each photo: first as predictions see it, then `views` views of it, with white lines between them. A function of its arguments only,
/// not of the pool's size. Error (usage) for a picture of more pixels than graft reads, (data) for a photo that cannot be read; Interrupted.
image::Image augment_grid(std::span<const std::filesystem::path> photos, const Augment& augment, const Preprocess& preprocess, int views,
                          uint64_t seed, ThreadPool& pool);

}  // namespace graft::data
