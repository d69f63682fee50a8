// The two networks of the literature on few-shot learning, which are trained from scratch: no weights are published for them, so they are no backbones.
#pragma once

#include "graft/base/size.h"
#include "graft/graph/graph.h"

namespace graft::models {

/// Conv-4 (Vinyals et al. 2016, Snell et al. 2017): four blocks of a 3x3 convolution of `width` channels, batch norm, ReLU and a max pool of 2. The last map is not averaged
/// but taken as it is: of 28 pixels `width` features, of 84 pixels 25 times as many. Error (usage) for pictures below 16 pixels.
graph::Graph conv4(int64_t outputs, Size size, int64_t width = 64);

/// ResNet-12 (Oreshkin et al. 2018, Lee et al. 2019): four residual blocks of three 3x3 convolutions, of 64, 160, 320 and 640 channels at width 64, averaged in the end. ReLU in place
/// of their leaky one, and no DropBlock. Error (usage) for pictures below 16 pixels.
graph::Graph resnet12(int64_t outputs, Size size, int64_t width = 64);

}  // namespace graft::models
