// A foreign ONNX classifier as it is, with the classes it was trained on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/engine/stated_scale.h"

namespace graft::artifact {

/// The network up to its first output without a softmax or sigmoid at its end: labels "0", "1" and so on. Behind a sigmoid every class is answered for
/// itself. Its pictures are normalised as the file or `stated` says, else as ImageNet's, which `notes` tells; of `size`, else the file's own, else 224.
/// Errors (data) as engine::read_onnx; its output is no vector of at least two classes.
std::shared_ptr<const Session> onnx_session(const std::filesystem::path& file, const engine::StatedScale& stated, std::optional<Size> size,
                                            const SessionOptions& options, std::vector<std::string>& notes);

}  // namespace graft::artifact
