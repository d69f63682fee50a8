// The state of a training on disk: a safetensors file, and the one before it beside it as NAME.previous. Whatever happens, one of them is whole.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/train/graph/conv_algorithms.h"
#include "graft/train/train.h"

namespace graft::train {

/// Where training stands: before step `step` of `epoch`.
struct Progress {
  int epoch = 0;
  std::size_t step = 0;
  double loss_sum = 0;                           // of this epoch's steps so far, a sum over samples
  int64_t right = 0;                             // of this epoch's samples so far
  std::map<std::string, double> term_sums = {};  // as loss_sum, of each term where there are several
  std::vector<double> group_weights = {};        // where the samples have groups (group_weights.h)
  std::vector<int> labels = {};                  // of this epoch, where the network gives them itself (pseudo_labels.h)
  std::vector<EpochRecord> history;
  ConvAlgorithms algorithms;  // other kernels round differently

  void next_epoch() {
    ++epoch;
    step = 0;
    loss_sum = 0;
    right = 0;
    term_sums.clear();
  }
};

/// Tensors by name ("weight.", "best.", "average.", "momentum." and so on before a parameter's), and what else a training needs to go on.
struct Checkpoint {
  Progress progress;
  std::map<std::string, at::Tensor> tensors;
};

/// "checkpoint.safetensors.previous".
std::filesystem::path previous_of(const std::filesystem::path& file);

/// Replaces `file`, which becomes the previous one. The new file is complete under another name before the old one moves, so a killed process leaves
/// at least one whole file. It is left to the system when the new file reaches the disk; the older one is made sure of, which costs nothing when it
/// was written a while ago. Error (data): a full disk and the like; the old file is then in place.
void write_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint, const std::map<std::string, std::string>& identity);

/// Whether there is one to go on from: `file`, or NAME.previous where a process was killed between its two renames.
bool has_checkpoint(const std::filesystem::path& file);

/// Error (data) when the file is damaged or was edited (its contents carry their hash), with a hint when the previous one is whole; and, unless
/// `accept`, when `identity` differs: the entries that do, old and new.
Checkpoint read_checkpoint(const std::filesystem::path& file, const std::map<std::string, std::string>& identity, bool accept);

/// Copies the tensors "`what`.NAME" of what may move into `to`. Error (data) naming `file` where one is missing or of another shape.
void take_over(const Checkpoint& checkpoint, const std::string& what, const graph::Graph& graph, const transfer::Plan& plan,
               const std::filesystem::path& file, std::vector<at::Tensor>& to);

}  // namespace graft::train
