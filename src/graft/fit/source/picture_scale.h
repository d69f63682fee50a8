// Which numbers a stranger's network takes for its pictures, where neither the user nor its file says so: what the photos themselves tell.
#pragma once

#include "graft/engine/onnx_network.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// As the options say (--mean, --std, --channels), else as graft wrote or the file's nodes tell, else by cross-validation of a head on at most 240
/// training photos: the best of the usual scales where it is better than ImageNet's beyond doubt, else ImageNet's. Says which and why; all but what
/// the user said is written into the options. Error (usage) for numbers that are none.
onnx::PictureScale choose_scale(Job& job, const engine::OnnxNetwork& network);

}  // namespace graft::fit
