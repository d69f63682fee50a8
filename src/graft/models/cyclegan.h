// CycleGAN's networks (Zhu et al. 2017), with the state-dict names of its authors' code. They translate pictures, so they are in no list of backbones.
// Their weights are empty; transfer::initialise draws those to begin with.
#pragma once

#include <cstdint>

#include "graft/base/size.h"
#include "graft/graph/graph.h"

namespace graft::models {

/// From a picture in [-1, 1] to one of the same size: two halvings, `blocks` residual blocks of 4 x `width` channels, two doublings (Johnson et al.
/// 2016). The authors take 64 channels, and 6 blocks for 128 pixels, 9 for 256. Error (usage) where a side is no multiple of 4, or too small to be
/// padded.
graph::Graph cyclegan_generator(Size size, int64_t width, int64_t blocks);

/// PatchGAN (Isola et al. 2017): of each patch of a picture how real it looks, towards 1, or how made, towards 0. Patches have 16, 34, 70, 142 ...
/// pixels for 1, 2, 3, 4 halvings; the authors take 64 channels and 70 pixels. Error (usage) where the picture is too small for it.
graph::Graph cyclegan_discriminator(Size size, int64_t width, int64_t halvings);

}  // namespace graft::models
