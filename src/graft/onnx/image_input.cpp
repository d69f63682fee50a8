#include "graft/onnx/image_input.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/onnx/fields.h"
#include "graft/weights/file/state_dict.h"

namespace graft::onnx {
namespace {

constexpr int64_t kLargestSide = 8192;
constexpr const char* kExportHint = "export the image encoder alone";

std::string shown_shape(const graph::Dims& shape) {
  std::string text;
  for (const int64_t d : shape) text += (text.empty() ? "" : "x") + (d < 0 ? std::string("?") : std::to_string(d));
  return text;
}

}  // namespace

ImageInput image_input(const ModelProto& model) {
  if (model.inputs.size() != 1) {
    std::vector<std::string> names;
    for (const ValueProto& v : model.inputs) names.push_back(weights::shown(v.name));
    throw data_error(
        model.path,
        names.empty() ? "no input, expected one picture" : fmt::format("{} inputs, {}, expected one picture", names.size(), first_few(names)),
        kExportHint);
  }
  const ValueProto& value = model.inputs.front();
  const std::string name = weights::in_quotes(value.name);
  if (value.type != tensor::kFloat32 && value.type != tensor::kFloat16 && value.type != tensor::kUint8)
    throw data_error(model.path, fmt::format("its input {} is neither floats nor bytes, expected a picture in float32", name),
                     "export the model without its preprocessing");
  const graph::Dims shape = value.shape.value_or(graph::Dims{});
  const auto is_colour = [](int64_t d) { return d == 3 || d == 1; };
  const bool first = shape.size() == 4 && (is_colour(shape[1]) || (shape[1] < 0 && !is_colour(shape[3])));
  const bool last = shape.size() == 4 && !first && is_colour(shape[3]);
  if (!first && !last)
    throw data_error(model.path,
                     fmt::format("its input {} is {}, expected a picture, Nx3xHxW or NxHxWx3, or of one channel", name,
                                 shape.empty() ? "of unknown shape" : shown_shape(shape)),
                     kExportHint);
  const int64_t height = shape[first ? 2 : 1], width = shape[first ? 3 : 2];
  if (height > kLargestSide || width > kLargestSide)
    throw data_error(model.path,
                     fmt::format("its input {} is {}, expected a picture with sides of at most {} pixels", name, shown_shape(shape), kLargestSide),
                     "export it for smaller pictures, or with dynamic height and width");
  std::optional<Size> size;
  if (height > 0 || width > 0) size = Size(static_cast<int>(height > 0 ? height : width), static_cast<int>(width > 0 ? width : height));
  const int64_t channels = shape[first ? 1 : 3];
  return {value.name, last, size, value.type, channels == 1 ? 1 : 3};
}

}  // namespace graft::onnx
