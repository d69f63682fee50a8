// The loss of a masked autoencoder (He et al. 2022, "Masked autoencoders are scalable vision learners"), with its gradient written by hand.
#pragma once

#include <ATen/ATen.h>

namespace graft::train {

/// (N, H, W, 3) as (N, patches, side x side x 3): each patch row by row, as are the patches.
at::Tensor patches_of_pictures(const at::Tensor& pictures, int64_t side);

struct Reconstruction {
  double value = 0;
  at::Tensor gradient = {};  // with respect to `said`
};

/// The mean over the hidden patches of the mean square by which `said` (N, T, P) differs from `patches` (N, T, P), of which each has been normalized by
/// its own mean and standard deviation. `hidden`: (N, T), 1 where a patch was hidden, else 0.
Reconstruction reconstruction_loss(const at::Tensor& said, const at::Tensor& patches, const at::Tensor& hidden);

}  // namespace graft::train
