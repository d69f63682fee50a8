// The state of a training on disk: a safetensors file, written as one step, so that there is always a whole one.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/train/train.h"

namespace graft::train {

/// Where training stands: before step `step` of `epoch`.
struct Progress {
  int epoch = 0;
  std::size_t step = 0;
  double loss_sum = 0;  // of this epoch's steps so far, a sum over samples
  std::vector<EpochRecord> history;
  int best_epoch = -1;
};

/// Tensors by name ("weight.", "best.", "average.", "momentum." and so on before a parameter's), and what else a training needs to go on.
struct Checkpoint {
  Progress progress;
  std::map<std::string, at::Tensor> tensors;
};

void write_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint, const std::map<std::string, std::string>& identity);

/// Error (data) when the file is damaged, was edited (its contents carry their hash), or `identity` differs: the entries that do, old and new.
Checkpoint read_checkpoint(const std::filesystem::path& file, const std::map<std::string, std::string>& identity);

}  // namespace graft::train
