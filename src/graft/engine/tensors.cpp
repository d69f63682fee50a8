#include "graft/engine/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <openvino/openvino.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/engine/batch.h"
#include "graft/engine/openvino.h"
#include "graft/onnx/foreign.h"
#include "graft/weights/file/state_dict.h"

namespace graft::engine {
namespace {

constexpr int64_t kBatch = 2;  // a batch that nodes hold for themselves is mostly 1, and shows
constexpr std::string_view kPrefix = "foreign/of/";

std::string no_such_size(Size size) { return fmt::format("does not take pictures of {}", both_sides(size)); }

std::string as_the_file_says(Size stated) { return fmt::format("omit --size, the file says {}", to_string(stated)); }

/// Why the network does not run on several pictures of that size: because of the size, the number of pictures, or by itself.
Error cannot_take(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size, const std::exception& e) {
  if (input.size && *input.size != size) return cannot_run(model.path, no_such_size(size), e, as_the_file_says(*input.size));
  if (takes(model, input, tensor, size, 1))
    return cannot_run(model.path, "its nodes have a fixed batch size", e, "export the model with a dynamic batch size");
  if (const auto other = size_it_takes(model, input, tensor, size))
    return cannot_run(model.path, no_such_size(size), e, fmt::format("it takes {}: --size {}", both_sides(*other), to_string(*other)));
  return cannot_run(model.path, fmt::format("OpenVINO cannot run it on a picture of {}", both_sides(size)), e, "check that the file is complete");
}

/// Whole shapes by the file's names; values whose shape depends on more than the input are left out.
std::map<std::string, graph::Dims> shapes(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size) {
  const graph::Foreign network = onnx::foreign(model, input, tensor);
  std::map<std::string, graph::Dims> found;
  try {
    const std::shared_ptr<ov::Model> read = core().read_model(onnx::standalone(network), ov::Tensor());
    read->reshape(ov::PartialShape{kBatch, input.channels, size.height, size.width});
    for (const auto& op : read->get_ordered_ops())
      for (const auto& output : op->outputs()) {
        if (output.get_partial_shape().is_dynamic()) continue;
        const ov::Shape shape = output.get_shape();
        for (const std::string& name : output.get_names())
          if (name.starts_with(kPrefix)) found[name.substr(kPrefix.size())] = graph::Dims(shape.begin(), shape.end());
      }
  } catch (const ov::Exception& e) {
    throw cannot_take(model, input, tensor, size, e);
  }
  return found;
}

/// Whether sides of a map are in the proportion of the picture's, but for what a network rounds when it halves them.
bool like(int64_t height, int64_t width, Size size) {
  const double across = static_cast<double>(height) * size.width, down = static_cast<double>(width) * size.height;
  return std::abs(across - down) < (size.square() ? 1 : size.longer());
}

bool is_usable(const graph::Dims& shape) { return shape.size() >= 2 && shape.size() <= 4 && shape[0] == kBatch; }

}  // namespace

std::vector<NamedTensor> tensors(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size) {
  const std::map<std::string, graph::Dims> all = shapes(model, input, tensor, size);
  std::vector<NamedTensor> list;
  for (const onnx::NodeProto* node : onnx::nodes_for(model, tensor))
    for (const std::string_view output : node->outputs)
      if (const auto found = all.find(std::string(output)); found != all.end() && is_usable(found->second))
        list.push_back({weights::shown(output), graph::Dims(found->second.begin() + 1, found->second.end())});
  return list;
}

graph::Graph opaque(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size) {
  const auto all = shapes(model, input, tensor, size);
  const auto found = all.find(std::string(tensor));
  const std::string name = weights::in_quotes(tensor);
  if (found == all.end())
    throw data_error(model.path, "its tensor " + name + " has no fixed shape", "see `graft models FILE` for others and name one with --tensor");
  const graph::Dims& shape = found->second;
  if (!shape.empty() && shape[0] != kBatch) {
    const std::string rows = fmt::format("{} is {} for {} pictures", name, graph::to_string(shape), kBatch);
    if (input.size && *input.size != size) throw data_error(model.path, no_such_size(size) + ": " + rows, as_the_file_says(*input.size));
    throw data_error(model.path, "its nodes have a fixed batch size: " + rows, "export the model with a dynamic batch size");
  }
  if (!is_usable(shape))
    throw data_error(model.path, fmt::format("its tensor {} is {}, expected a picture, tokens or a vector", name, graph::to_string(shape)),
                     "name another with --tensor");
  graph::Dims dims(shape.begin() + 1, shape.end());
  const bool channels_last = dims.size() == 3 && like(dims[0], dims[1], size) && !like(dims[1], dims[2], size);
  if (channels_last) std::rotate(dims.begin(), dims.begin() + 2, dims.end());
  return onnx::opaque_graph(onnx::foreign(model, input, tensor, channels_last), dims, {input.channels, size.height, size.width}, model.path);
}

}  // namespace graft::engine
