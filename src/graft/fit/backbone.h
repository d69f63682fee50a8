// The network that `--backbone` names: a row of the registry with its weights, or a stranger's ONNX file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "graft/data/preprocess.h"
#include "graft/fit/config.h"
#include "graft/fit/fit.h"
#include "graft/onnx/read_graph.h"
#include "graft/weights/locate.h"

namespace graft::fit {

/// Ends in .onnx, or is a file.
bool is_onnx_file(const std::string& backbone);

/// A stranger's file, and what graft makes of it.
struct OnnxNetwork {
  onnx::ModelProto model;
  onnx::ImageInput input;
  int64_t size;               // side of the pictures: as asked, else the file's, else 224
  onnx::Reading reading;      // as a Graph, or why it is none
  std::string_view features;  // the tensor that its new head looks at where it is none
};
/// `tensor` is where the network ends; empty: as onnx::read_graph and onnx::default_tensor say. Errors as those.
OnnxNetwork read_onnx(const std::filesystem::path& file, std::optional<int> size, std::string_view tensor);

/// Error for a name that is none, before any work is done.
void check_backbone(const FitConfig& config);

struct OpenedBackbone {
  weights::Pretrained pretrained;
  data::Preprocess preprocess;  // at the size asked for
};
/// Size, normalisation and filter that were not said are written into `config` with their reasons. Errors as models::find_network and
/// weights::load_pretrained, or of the ONNX file: truncated, not of one picture, of another size, no such tensor.
OpenedBackbone open_backbone(Configured<FitConfig>& config, const Listener& listener);

}  // namespace graft::fit
