// The photos for meta-learning, and the tasks drawn from them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/hash.h"
#include "graft/data/episode.h"
#include "graft/data/preprocess.h"
#include "graft/study/meta_learning.h"

namespace graft::study {

/// The readable photos in memory, preprocessed for the network.
struct Table {
  std::vector<std::filesystem::path> paths;
  std::vector<int> labels;
  std::vector<std::string> classes;
  std::vector<uint8_t> pixels;  // (photos, height, width, 3)
  std::vector<Hash128> hashes;
  data::Preprocess preprocess;

  /// The result must not outlive this table.
  train::Fill fill() const;
};

/// Errors (data) as shots::all_of, and for photos that cannot be read unless they may be skipped.
Table read_photos(const MetaLearningConfig& config, const fit::Listener& listener);

using Classes = std::vector<std::vector<std::size_t>>;  // the indices of the photos of each class

struct Dealt {
  Classes train, val, test;
  std::vector<int> labels;  // of all photos: the index of the training class, or -1 if it is not a training class
};

/// Splits the classes into training, validation and test classes, determined by the seed. Error (usage) if a split has fewer classes than ways;
/// (data) for too few classes with enough photos.
Dealt deal(const MetaLearningConfig& config, const Table& table, const fit::Listener& listener);

std::vector<std::size_t> photos_in(const Classes& classes);

/// The tasks of the test classes, twice: `episodes` has indices of photos in the table, `of_photos` has indices into `photos`.
struct TestTasks {
  std::vector<std::size_t> photos;
  std::vector<data::Episode> episodes, of_photos;
};

TestTasks tasks_of(const MetaLearningConfig& config, const Classes& classes);

}  // namespace graft::study
