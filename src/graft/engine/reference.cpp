#include "graft/engine/reference.h"

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/engine/engine.h"
#include "graft/onnx/write.h"
#include "graft/weights/file/safetensors.h"
#include "graft/weights/joined_attention.h"
#include "graft/weights/load.h"
#include "graft/weights/naming.h"

namespace graft::engine {

Reference read_reference(const std::filesystem::path& file) {
  constexpr int64_t kLargestSide = 8192;
  const weights::StateDict dict = weights::read_safetensors(file);
  const auto tensor = [&](const char* name, const char* expected, const auto& fits) -> const weights::HostTensor& {
    const auto found = dict.tensors.find(name);
    if (found == dict.tensors.end() || !fits(found->second))
      throw data_error(dict.source, std::string("is not a reference: expected '") + name + "', " + expected,
                       "docs/networks.md tells how to make one");
    return found->second;
  };
  const auto& pixels = tensor("pixels", "uint8 (height, width, 3)", [](const weights::HostTensor& t) {
    return t.dtype == weights::Dtype::u8 && t.shape.size() == 3 && t.shape[2] == 3 && std::max(t.shape[0], t.shape[1]) <= kLargestSide &&
           std::min(t.shape[0], t.shape[1]) >= 1;
  });
  const auto& logits = tensor("logits", "float32, one for each class",
                              [](const weights::HostTensor& t) { return t.dtype == weights::Dtype::f32 && t.shape.size() == 1 && t.shape[0] >= 1; });
  Reference reference{.name = dict.source, .size = {static_cast<int>(pixels.shape[0]), static_cast<int>(pixels.shape[1])}};
  for (const std::byte value : pixels.bytes) reference.pixels.push_back(static_cast<uint8_t>(value));
  reference.logits = weights::to_floats(logits);
  return reference;
}

double difference_from(const Reference& reference, const models::Network& network, const weights::StateDict& file) {
  const models::Backbone& row = *network.backbone;
  graph::Graph graph = row.build(static_cast<int64_t>(reference.logits.size()), reference.size);
  const weights::StateDict dict = weights::joined_attention(file);
  const weights::Naming naming = weights::naming_of(dict, graph, network);
  weights::load(weights::without_prefix(dict, naming.prefix), graph, {.rename = naming.rename, .model = row.name});
  data::Preprocess preprocess = network.source->preprocess;
  preprocess.resize = reference.size.shorter();
  preprocess.crop = reference.size;
  Engine engine(onnx::write(graph), row.name, preprocess, {.batch = 1});
  std::vector<float> ours(engine.width());
  engine.run(reference.pixels, 1, ours);
  float largest = 0, off = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(reference.logits[i]));
    const float difference = std::abs(ours[i] - reference.logits[i]);
    off = std::isfinite(difference) ? std::max(off, difference) : INFINITY;
  }
  return largest > 0 ? static_cast<double>(off) / largest : off > 0 ? INFINITY : 0;
}

}  // namespace graft::engine
