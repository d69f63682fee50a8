#include "graft/engine/batch.h"

#include <openvino/openvino.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "graft/base/rng.h"
#include "graft/engine/openvino.h"
#include "graft/onnx/foreign.h"

namespace graft::engine {
namespace {

constexpr std::array<Size, 23> kUsualSizes{Size(224), 256,        384,        299,        112,        160,       192,      128,
                                           96,        64,         32,         336,        448,        512,       518,      Size(256, 128),
                                           {128, 64}, {384, 128}, {480, 640}, {640, 480}, {224, 112}, {32, 128}, {32, 320}};
constexpr float kSameWithin = 1e-3F;  // of the largest value

std::shared_ptr<ov::Model> shaped(const std::string& network, const onnx::ImageInput& input, Size size, int64_t pictures) {
  std::shared_ptr<ov::Model> model = core().read_model(network, ov::Tensor());
  model->reshape(ov::PartialShape{pictures, input.channels, size.height, size.width});
  return model;
}

bool runs_on(const std::string& network, const onnx::ImageInput& input, Size size, int64_t pictures) {
  try {
    const ov::PartialShape shape = shaped(network, input, size, pictures)->output(0).get_partial_shape();
    return shape.is_static() && shape.size() > 0 && shape[0].get_length() == pictures;
  } catch (const ov::Exception&) {
    return false;
  }
}

/// Its answers to these pictures, one after the other or at once.
std::vector<float> answers(const std::string& network, const onnx::ImageInput& input, Size size, const std::vector<float>& pictures, bool at_once) {
  constexpr int64_t kPictures = 2;
  const int64_t batch = at_once ? kPictures : 1;
  ov::CompiledModel compiled = core().compile_model(shaped(network, input, size, batch), "CPU", ov::hint::inference_precision(ov::element::f32));
  ov::InferRequest request = compiled.create_infer_request();
  std::vector<float> out;
  for (int64_t at = 0; at < kPictures; at += batch) {
    ov::Tensor tensor = request.get_input_tensor();
    const std::size_t count = tensor.get_size();
    std::copy_n(pictures.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(at) * count / static_cast<std::size_t>(batch)), count,
                tensor.data<float>());
    request.infer();
    const ov::Tensor answer = request.get_output_tensor(0);
    out.insert(out.end(), answer.data<float>(), answer.data<float>() + answer.get_size());
  }
  return out;
}

}  // namespace

bool takes(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size, int64_t pictures) {
  return runs_on(onnx::standalone(onnx::foreign(model, input, tensor)), input, size, pictures);
}

std::optional<Size> size_it_takes(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size but) {
  const std::string network = onnx::standalone(onnx::foreign(model, input, tensor));
  const auto found = std::ranges::find_if(kUsualSizes, [&](const Size& size) { return size != but && runs_on(network, input, size, 1); });
  return found == kUsualSizes.end() ? std::nullopt : std::optional(*found);
}

bool same_in_a_batch(const onnx::ModelProto& alone, const onnx::ModelProto& freed, const onnx::ImageInput& input, std::string_view tensor,
                     Size size) try {
  Rng rng(0, 0);
  std::vector<float> pictures(static_cast<std::size_t>(2 * input.channels * size.height * size.width));
  for (float& value : pictures) value = static_cast<float>(rng.uniform());
  const std::vector<float> one_by_one = answers(onnx::standalone(onnx::foreign(alone, input, tensor)), input, size, pictures, false);
  const std::vector<float> at_once = answers(onnx::standalone(onnx::foreign(freed, input, tensor)), input, size, pictures, true);
  float largest = 0;
  for (const float value : one_by_one) largest = std::max(largest, std::abs(value));
  return std::ranges::equal(one_by_one, at_once, [&](float a, float b) { return std::abs(a - b) <= kSameWithin * largest; });
} catch (const ov::Exception&) {
  return false;
}

}  // namespace graft::engine
