// Checking a data set before anything is trained: what `graft doctor` does, in the order of its steps.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/doctor/finding.h"
#include "graft/doctor/near_copies.h"
#include "graft/doctor/photo_facts.h"

namespace graft::doctor {

struct Report {
  std::string data;                  // printable
  std::filesystem::path root;        // what the names of photos are relative to: the folder, or that of the table
  std::vector<std::string> classes;  // of all parts
  data::Task task = {};
  bool parted = false;             // whether the data set has a val or a test part
  std::vector<PhotoFacts> photos;  // training, then validation, then test; Finding::photos are rows of it
  std::vector<Finding> findings;   // the most serious first
  std::vector<std::string> notes;  // sentences about what was read and what could not be checked
};

struct ExamineOptions {
  data::SourceOptions source = {};
  std::filesystem::path val = {};  // validation photos that lie elsewhere
  uint64_t seed = 0;
  bool features = false;                   // compute those of the default backbone, by which near copies are found and labels judged
  double copy_threshold = kCopyThreshold;  // as NearCopyOptions has it
};

using Begin = std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)>;

/// Errors as data::open_parts.
Report examine(const std::filesystem::path& data, const ExamineOptions& options, ThreadPool& pool, const Begin& begin = {});

/// The short form, before a training: what the names, the file headers and the `hashes` of the bytes
/// tell about readable photos, training then validation; none is decoded. `data`: their folder or table.
Report examine_quickly(const std::filesystem::path& data, const data::Splits& splits, std::span<const Hash128> hashes, ThreadPool& pool);

/// Validation photos (from 0) that are also in training, exactly or almost.
struct Leaked {
  std::vector<std::size_t> exact, near;  // ascending; none is in both
};
Leaked leaked(const Report& report);

/// The most serious first, then in the order of Kind, then by score (the higher first), then by the first photo.
void sort_findings(std::vector<Finding>& findings);

}  // namespace graft::doctor
