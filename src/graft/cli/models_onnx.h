// `graft models FILE.onnx`: what graft makes of a foreign network.
#pragma once

#include <optional>
#include <string>

#include "graft/base/size.h"
#include "graft/cli/command.h"

namespace graft::cli {

/// Its stages where it becomes a Graph, else why not; then the tensors that `graft fit --tensor` may name. Errors as engine::read_onnx.
void print_onnx(const std::string& file, std::optional<Size> size, const OutputOptions& output);

}  // namespace graft::cli
