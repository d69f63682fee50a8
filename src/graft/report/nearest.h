// "The model saw these": the most similar training photos, by the features that the model's last layer reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"

namespace graft::report {

struct NearPhoto {
  std::string name;   // as the run's files have it
  double similarity;  // cosine
};

struct NearestPhotos {
  std::size_t of = 0;                                      // training photos that were compared
  std::map<std::string, std::vector<NearPhoto>> to_photo;  // by the validation photo's name, the most similar first
};

/// `photos`: names as the run's files have them. For those in RUN/validation.npy, from RUN/training.npy (artifact/known_photos.h);
/// empty if the run has no such indexes, or if they belong to different models. Errors (data) for a damaged index.
NearestPhotos nearest_photos(const std::filesystem::path& run, std::span<const std::string> photos, ThreadPool& pool);

}  // namespace graft::report
