#include "graft/artifact/onnx_session.h"

#include "graft/base/error.h"
#include "graft/base/hash.h"
#include "graft/engine/onnx_network.h"

namespace graft::artifact {

std::shared_ptr<const Session> onnx_session(const std::filesystem::path& file, const engine::StatedScale& stated, std::optional<Size> size,
                                            const SessionOptions& options, std::vector<std::string>& notes) {
  const engine::OnnxNetwork network = engine::read_onnx(file, size, "");
  const onnx::PictureScale scale = engine::scale_without_photos(network, stated, notes);
  const std::string& path = network.model.path;
  const graph::Graph graph = engine::up_to_output(network, scale);
  const int64_t classes = graph.output_dims()[0];
  if (classes < 2) throw data_error(path, "its output is one number, expected one for each of several classes", engine::kTrainOnIt);
  ModelCard card{.preprocess = data::sized(engine::preprocess_of(network, scale), network.size, std::nullopt),
                 .precision = engine::Precision::float32};
  if (onnx::ends_in_sigmoid(network.model)) card.task = data::MultiLabel{};
  for (int64_t i = 0; i < classes; ++i) card.labels.push_back(std::to_string(i));
  card.provenance = {{"backbone", path}, {"weights", {{"file", path}, {"sha256", sha256_hex(network.model.files.front()->bytes())}}}};
  std::string onnx = to_onnx(graph, card);
  return start_session(path, std::move(onnx), std::move(card), options);
}

}  // namespace graft::artifact
