// The state of a training on disk: a safetensors file, with its predecessor beside it as NAME.previous. At any time, at least one of them is
// complete.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/train/graph/conv_algorithms.h"
#include "graft/train/train.h"

namespace graft::train {

/// How far the training has got: it is about to run step `step` of `epoch`.
struct Progress {
  int epoch = 0;
  std::size_t step = 0;
  double loss_sum = 0;                           // of this epoch's steps so far, summed over samples
  int64_t right = 0;                             // of this epoch's samples so far
  std::map<std::string, double> term_sums = {};  // like loss_sum, for each term if there are several
  std::vector<double> group_weights = {};        // if the samples have groups (group_weights.h)
  std::vector<double> learning_status = {};      // of terms/learning_status.h
  std::vector<int> labels = {};                  // of this epoch, if they are the network's own pseudo-labels (pseudo_labels.h)
  std::vector<EpochRecord> history;
  ConvAlgorithms algorithms;  // recorded because other kernels round differently

  void next_epoch() {
    ++epoch;
    step = 0;
    loss_sum = 0;
    right = 0;
    term_sums.clear();
  }
};

/// Tensors by name (a prefix such as "weight.", "best.", "average." or "momentum.", then the parameter's name), and whatever else is needed to
/// resume.
struct Checkpoint {
  Progress progress;
  std::map<std::string, at::Tensor> tensors;
};

/// The name of the predecessor: "checkpoint.safetensors.previous".
std::filesystem::path previous_of(const std::filesystem::path& file);

/// Writes `file`; the old one becomes the previous one. The new file is completed under another name before the old one is renamed, so that a killed
/// process leaves at least one complete file. When the new file reaches the disk is up to the system; the older one is synced, which costs nothing if
/// it was written a while ago. Error (data): a full disk and the like; the old file is then still in place.
void write_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint, const std::map<std::string, std::string>& identity);

/// Whether there is a checkpoint to resume from: `file`, or NAME.previous if a process was killed between its two renames.
bool has_checkpoint(const std::filesystem::path& file);

/// Reads the checkpoint `file`. Error (data) if it is damaged or was edited (its contents include their hash), with a hint if the previous one is
/// complete; and, unless `accept`, if `identity` differs, listing the entries that do, old and new.
Checkpoint read_checkpoint(const std::filesystem::path& file, const std::map<std::string, std::string>& identity, bool accept);

/// Copies the tensors "`what`.NAME" into `to`, for everything that the training may change. Error (data) naming `file` if one is missing or has
/// another shape.
void take_over(const Checkpoint& checkpoint, const std::string& what, const graph::Graph& graph, const transfer::Plan& plan,
               const std::filesystem::path& file, std::vector<at::Tensor>& to);

}  // namespace graft::train
