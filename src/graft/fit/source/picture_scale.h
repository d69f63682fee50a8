// Which input scale a foreign network expects if neither the user nor its file says so: found from the photos.
#pragma once

#include "graft/engine/onnx_network.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// From the options (--mean, --std, --channels), otherwise from what graft wrote or the file's nodes do, otherwise by cross-validation
/// of a head on at most 240 training photos: the best of the usual scales if it is better than ImageNet's beyond doubt, else ImageNet's.
/// A note says which and why; everything that the user did not give is written into the options. Error (usage) for invalid numbers.
onnx::PictureScale choose_scale(Job& job, const engine::OnnxNetwork& network);

}  // namespace graft::fit
