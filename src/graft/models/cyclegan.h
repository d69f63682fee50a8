// CycleGAN's networks (Zhu et al. 2017), with the state-dict names of the authors' code. They translate pictures, so they are in no list of
// backbones. Their weights are empty; transfer::initialise draws the initial ones.
#pragma once

#include <cstdint>

#include "graft/base/size.h"
#include "graft/graph/graph.h"

namespace graft::models {

/// Maps a picture in [-1, 1] to one of the same size: two downsamplings by 2, `blocks` residual blocks of 4 x `width` channels, two upsamplings by 2
/// (Johnson et al. 2016). The authors use 64 channels, with 6 blocks for 128 pixels and 9 for 256. Error (usage) if a side is no multiple of 4, or
/// too small to be padded.
graph::Graph cyclegan_generator(Size size, int64_t width, int64_t blocks);

/// PatchGAN (Isola et al. 2017): scores each patch of a picture, towards 1 if it looks real and towards 0 if it looks generated. Patches have 16, 34,
/// 70, 142 ... pixels for 1, 2, 3, 4 halvings; the authors use 64 channels and 70 pixels. Error (usage) if the picture is too small for it.
graph::Graph cyclegan_discriminator(Size size, int64_t width, int64_t halvings);

}  // namespace graft::models
