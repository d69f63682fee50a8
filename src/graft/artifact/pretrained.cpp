#include "graft/artifact/pretrained.h"

#include <algorithm>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/engine/features.h"
#include "graft/weights/locate.h"

namespace graft::artifact {
namespace {

engine::Precision precision_for(const graph::Graph& graph, const data::Preprocess& preprocess, const SessionOptions& options) {
  if (options.precision != engine::Precision::automatic) return options.precision;
  if (!engine::has_native_bf16()) return engine::Precision::float32;
  const auto known = engine::remembered_precision(graph, preprocess, options.threads);
  return known ? known->precision : engine::Precision::float32;
}

}  // namespace

std::shared_ptr<const Session> pretrained_session(const models::Network& network, const SessionOptions& options) {
  const std::string name = network.name();
  const std::string hint = "for its features: graft embed PHOTOS --backbone " + name + " --out features.npy";
  if (!network.last_stage.empty()) throw usage_error(name, "ends at the stage '" + printable(network.last_stage) + "' and has no classes", hint);
  const data::Preprocess& preprocess = network.source->preprocess;
  const weights::Pretrained pretrained = weights::load_pretrained(network, preprocess.crop);
  const graph::Graph& graph = pretrained.graph;
  if (std::ranges::any_of(graph.parameters, [](const graph::Parameter& p) { return p.tensor.empty(); }))
    throw data_error(name, "its weights " + printable(pretrained.file.filename().string()) + " have no classes", hint);
  ModelCard card{.preprocess = preprocess, .precision = precision_for(graph, preprocess, options)};
  for (int64_t i = 0; i < graph.output_dims()[0]; ++i) card.labels.push_back(std::to_string(i));
  card.provenance = {{"backbone", name}, {"weights", {{"file", printable(pretrained.file.filename().string())}, {"sha256", pretrained.sha256}}}};
  std::string onnx = to_onnx(graph, card);
  return start_session(name, std::move(onnx), std::move(card), options);
}

}  // namespace graft::artifact
