// A foreign ONNX file as a pretrained network: what it takes as input, where it ends, and what
// graft makes of it. For all commands that accept a file instead of a network of the registry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/engine/tensors.h"
#include "graft/graph/graph.h"
#include "graft/onnx/input_scale.h"
#include "graft/onnx/read_graph.h"

namespace graft::engine {

/// Whether it ends in .onnx, is a file, or is a folder that TensorFlow saved.
bool is_onnx_file(const std::string& backbone);

/// Error (data) if there is no such file.
void check_there(const std::string& onnx_file);

struct OnnxNetwork {
  onnx::ModelProto model;                   // without the nodes that only scale the picture
  onnx::ImageInput input;                   // behind those
  std::string input_name;                   // before them, printable
  onnx::InputScale scale;                   // what they do
  std::optional<onnx::PictureScale> told;   // the numbers the file takes, where its nodes tell
  std::optional<data::Preprocess> written;  // what graft wrote into the file
  Size size;                                // of the pictures: as asked, else the file's, else 224
  std::string tensor;                       // where the network ends, as asked; empty: nobody asked
  onnx::Reading reading;                    // as a Graph, or why it cannot be one
  bool takes_one = false;                   // the file takes one picture at a time
  bool batch_freed = false;                 // the file takes one picture at a time, `model` any number
  std::string_view features;                // the tensor that its new head reads, if it is not a Graph
};

/// A network for one picture at a time is changed to take batches, if it then computes the same. Errors (data): no file, another kind of
/// file, truncated, input that is not one picture, another size, quantized to int8 by each batch's own range; (usage) an unknown tensor.
OnnxNetwork read_onnx(const std::filesystem::path& file, std::optional<Size> size, const std::string& tensor);

/// The preprocessing that gives the file its pictures in `scale`; it includes what the file's own nodes do.
data::Preprocess preprocess_of(const OnnxNetwork& network, const onnx::PictureScale& scale);

/// The network for such pictures: a Graph of stages, or one frozen operator. Error (data) as engine::opaque; and
/// if no end was named and the network gives fewer than kFewestFeatures: then it lists tensors to choose from.
graph::Graph graph_of(const OnnxNetwork& network, const onnx::PictureScale& scale);
inline constexpr int64_t kFewestFeatures = 16;

/// The network up to its first output, without a softmax or sigmoid at its end, as one frozen operator. Error (data) if that is not a vector.
graph::Graph up_to_output(const OnnxNetwork& network, const onnx::PictureScale& scale);

inline constexpr const char* kTrainOnIt = "train your own layer on it: graft fit PHOTOS --backbone FILE";

/// Frozen: no part of it can be trained.
bool is_frozen(const graph::Graph& graph);

/// What is worth knowing before its features are used, one sentence each: how it scales its pictures, several outputs, boxes, averaged maps.
std::vector<std::string> remarks_on(const OnnxNetwork& network, const graph::Graph& graph);

}  // namespace graft::engine
