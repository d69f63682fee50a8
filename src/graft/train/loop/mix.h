// Two samples in one, with labels in the same shares: MixUp (Zhang et al. 2018) adds them, CutMix (Yun et al. 2019) cuts a box out of the other. As
// torchvision's v2.MixUp and v2.CutMix do it: sample i of a batch meets sample i - 1, one share for the whole batch. Of activations, MixUp is manifold
// mixup (Verma et al. 2019).
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
  double own = 1;       // the part that stays, in [0, 1]; of a box more, where it reaches over the edge
  double x = 0, y = 0;  // the box's centre in parts of width and height, [0, 1)
};

/// What happens in this step, by (config.seed, step): where both are on, each in half of the steps.
Mix draw_mix(const TrainConfig& config, uint64_t step);

/// Mixes the batch with itself, in place. CutMix needs pictures, (N, H, W, C).
void mix(Batch& batch, const Mix& how);

/// Beta(alpha, alpha) in [0, 1], alpha > 0, as a ratio of two gamma variates (Marsaglia & Tsang 2000).
double beta(Rng& rng, double alpha);

}  // namespace graft::train
