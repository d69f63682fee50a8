// The two standard networks of the few-shot literature. They are trained from scratch: no weights are published for them, so they are no backbones.
#pragma once

#include "graft/base/size.h"
#include "graft/graph/graph.h"

namespace graft::models {

/// Conv-4 (Vinyals et al. 2016, Snell et al. 2017): four blocks of a 3x3 convolution with `width` channels, batch norm, ReLU and 2x2 max pooling. The
/// last feature map is flattened, not averaged: `width` features at 28 pixels, 25 times as many at 84 pixels. Error (usage) for pictures below 16
/// pixels.
graph::Graph conv4(int64_t outputs, Size size, int64_t width = 64);

/// ResNet-12 (Oreshkin et al. 2018, Lee et al. 2019): four residual blocks of three 3x3 convolutions, with 64, 160, 320 and 640 channels at width 64,
/// then global average pooling. It has ReLU instead of the original leaky ReLU, and no DropBlock. Error (usage) for pictures below 16 pixels.
graph::Graph resnet12(int64_t outputs, Size size, int64_t width = 64);

}  // namespace graft::models
