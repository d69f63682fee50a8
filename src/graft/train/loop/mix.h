// Two samples combined into one, with their labels in the same proportions: MixUp (Zhang et al. 2018) adds them, CutMix (Yun et al. 2019) pastes a
// box of the other. As in torchvision's v2.MixUp and v2.CutMix, sample i of a batch is combined with sample i - 1, in one proportion for the whole
// batch. MixUp of activations is manifold mixup (Verma et al. 2019).
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "graft/base/rng.h"
#include "graft/train/config.h"
#include "graft/train/terms/loss.h"

namespace graft::train {

enum class MixKind { none, mixup, cutmix };

struct Mix {
  MixKind kind = MixKind::none;
  double own = 1;       // the sample's own share, in [0, 1]; it grows if a CutMix box reaches over the edge
  double x = 0, y = 0;  // the center of the box as fractions of width and height, [0, 1)
};

/// How the batch of this step is mixed, determined by (config.seed, step). If both methods are on, each is used in half of the steps.
Mix draw_mix(const TrainConfig& config, uint64_t step);

/// Mixes the batch with itself, in place. CutMix needs pictures, (N, H, W, C).
void mix(Batch& batch, const Mix& how);

/// A sample of Beta(alpha, alpha), in [0, 1], alpha > 0, computed from two gamma variates (Marsaglia & Tsang 2000).
double beta(Rng& rng, double alpha);

}  // namespace graft::train
