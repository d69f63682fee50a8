// Which samples form the batches of an epoch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graft/train/config.h"

namespace graft::train {

/// The samples of each step. An epoch has as many samples as the training set, whatever the sampling.
using Batches = std::vector<std::vector<std::size_t>>;

/// The batches of one epoch for samples with these labels. Depending on the config, each sample once (batches_of in train.h), or in balanced_order
/// with Imbalance::sampling, or in repeated_order with the copies of a sample in one batch where possible. Further copies of a sample are numbered as
/// Samples::fill expects.
Batches batches_of(std::span<const int> labels, const TrainConfig& config, uint64_t epoch);

/// As many samples as there are labels, with class counts that differ by at most one. Samples of small classes are repeated, each being used once
/// before any is used again; of large classes only a part is used. Determined by (seed, epoch).
std::vector<std::size_t> balanced_order(std::span<const int> labels, uint64_t seed, uint64_t epoch);

/// Repeated augmentation (Hoffer et al. 2020, "Augment your batch"; torchvision's RASampler): as many entries as there are samples, each sample
/// `times` in a row. An epoch thus has only a part of the samples; every sample occurs in one of `times` successive epochs, counted from the first.
/// Determined by (seed, epoch).
std::vector<std::size_t> repeated_order(std::size_t samples, std::size_t times, uint64_t seed, uint64_t epoch);

/// Which samples of an unlabeled stream a step uses, and in which pass over the stream. The stream's batches follow each other regardless of the
/// epochs of the labeled samples. Determined by (config.seed, stream, step), with config.fixmatch the same for all streams; `step` counts through the
/// whole training.
struct Turn {
  uint64_t pass;
  std::vector<std::size_t> which;
};
Turn turn_of(std::size_t samples, const TrainConfig& config, std::size_t stream, uint64_t step);

/// The steps whose gradients form one update, [first, last), and the number of their samples.
struct UpdateSteps {
  std::size_t first, last, samples;
};
UpdateSteps update_at(const Batches& batches, std::size_t step, std::size_t accumulate);

}  // namespace graft::train
