#include "graft/onnx/read_graph.h"

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/onnx/translate.h"
#include "graft/weights/state_dict.h"

namespace graft::onnx {
namespace {

const NodeProto* producer(const ModelProto& model, std::string_view value) {
  const auto found = model.producers.find(value);
  return found == model.producers.end() || found->second->inputs.empty() ? nullptr : found->second;
}

std::string_view output_of(const ModelProto& model) {
  if (model.outputs.empty()) throw data_error(model.path, "no output", "export the model again");
  std::string_view value = model.outputs.front().name;
  for (const NodeProto* node = producer(model, value); node != nullptr; node = producer(model, value)) {
    if (node->type != "Softmax" && node->type != "LogSoftmax" && node->type != "Identity" && node->type != "Cast") break;
    value = node->inputs.front();
  }
  return value;
}

}  // namespace

std::string_view find_tensor(const ModelProto& model, std::string_view name) {
  if (name.empty()) return output_of(model);
  if (const auto found = model.producers.find(name); found != model.producers.end()) return found->first;
  std::vector<std::string> names;
  for (const auto& [value, node] : model.producers) names.push_back(weights::shown(value));
  const auto near = closest(name, names);
  throw usage_error("--tensor " + printable(name), "no such tensor in " + model.path,
                    near ? "did you mean " + *near + "?" : "see `graft models FILE`");
}

std::string_view default_tensor(const ModelProto& model) {
  const std::string_view output = output_of(model);
  std::string_view value = output;
  for (const NodeProto* node = producer(model, value); node != nullptr; node = producer(model, value)) {
    if (node->type == "Gemm" || node->type == "MatMul") return node->inputs.front();
    if (node->type != "Add") break;  // its bias
    const bool second = model.producers.contains(node->inputs.back()) && !model.producers.contains(node->inputs.front());
    value = second ? node->inputs.back() : node->inputs.front();
  }
  return output;
}

Reading read_graph(const ModelProto& model, const ImageInput& input, int64_t size, std::string_view tensor) {
  const std::string_view value = find_tensor(model, tensor);
  try {
    Translation translation(model, input, size);
    return {with_stages(translation.graph_of(value)), {}};
  } catch (const Inexpressible& e) {
    return {std::nullopt, e.reason};
  }
}

}  // namespace graft::onnx
