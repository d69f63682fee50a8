// The network that `--backbone` names: a row of the registry with its weights, or a foreign ONNX file.
#pragma once

#include <optional>

#include "graft/data/preprocess.h"
#include "graft/fit/job/state.h"
#include "graft/weights/locate.h"

namespace graft::fit {

/// Error for an unknown name, before any work is done.
void check_backbone(const FitConfig& config);

struct OpenedBackbone {
  weights::Pretrained pretrained;
  data::Preprocess preprocess;  // at the size asked for
};
/// By the job's options, with --gray for gray pictures. Size, normalization and filter that were not given are
/// written into them with their reasons. Errors as models::find_network and weights::load_pretrained, or of the ONNX
/// file: truncated, not of one picture, of another size, no such tensor, a --strategy that trains what stays frozen.
OpenedBackbone open_backbone(Job& job);

/// The same for a job of its own, such as one with other options; nothing where that is an Error.
std::optional<OpenedBackbone> open_if_possible(Job& job);

}  // namespace graft::fit
