// Co-Tuning's relation between the classes that a pretrained network knows and those of the photos.
#pragma once

#include <filesystem>
#include <functional>

#include "graft/base/thread_pool.h"
#include "graft/fit/more/material.h"

namespace graft::fit {

/// p(class of the source | class): the mean answer of the source's own classifier for the training photos of that class,
/// unaugmented (the direct approach of You et al. 2020, without calibration). Its logits are computed once into `file`, or
/// read from there. `advance` is called with the number of photos just done. A class without photos gets a uniform relation.
train::Relation relation_of(const Training& training, std::size_t classes, const std::filesystem::path& file, int threads, ThreadPool& pool,
                            const std::function<void(std::size_t)>& advance);

/// The same from such logits (photos, width), given row by row by read(photo, row).
train::Relation relation_of(const std::vector<int>& labels, std::size_t classes, std::size_t width,
                            const std::function<void(std::size_t photo, std::span<float> row)>& read);

}  // namespace graft::fit
