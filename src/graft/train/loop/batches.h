// Which samples make the steps of an epoch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graft/train/config.h"

namespace graft::train {

/// By step. An epoch has as many samples as there are, whatever the sampling.
using Batches = std::vector<std::vector<std::size_t>>;

/// Of a training's samples with these labels, as its config says: each once (batches_of of train.h), or balanced_order with Imbalance::sampling, or
/// repeated_order, the copies in one batch as far as it goes. Further copies of a sample are numbered as Samples::fill wants it.
Batches batches_of(std::span<const int> labels, const TrainConfig& config, uint64_t epoch);

/// As many samples as there are labels, every class alike but for one: the samples of a small class several times, each once before one comes again;
/// a part of those of a large one. By (seed, epoch).
std::vector<std::size_t> balanced_order(std::span<const int> labels, uint64_t seed, uint64_t epoch);

/// Repeated augmentation (Hoffer et al. 2020, "Augment your batch"; torchvision's RASampler): as many as there are samples, `times` of each together.
/// An epoch has a part of them; `times` epochs after each other, from the first on, have each sample in one of them. By (seed, epoch).
std::vector<std::size_t> repeated_order(std::size_t samples, std::size_t times, uint64_t seed, uint64_t epoch);

/// Which samples of an unlabelled stream a step is shown, and in which of the passes over them: their batches after each other, whatever the epochs of the
/// labelled ones. By (config.seed, stream, step); `step` counts on through the training.
struct Turn {
  uint64_t pass;
  std::vector<std::size_t> which;
};
Turn turn_of(std::size_t samples, const TrainConfig& config, std::size_t stream, uint64_t step);

/// Steps whose gradients make one update: [first, last), and their samples.
struct UpdateSteps {
  std::size_t first, last, samples;
};
UpdateSteps update_at(const Batches& batches, std::size_t step, std::size_t accumulate);

}  // namespace graft::train
