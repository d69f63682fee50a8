#include "graft/search/network.h"

#include "graft/base/error.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/engine/onnx_network.h"
#include "graft/models/join.h"
#include "graft/weights/join.h"

namespace graft::search {
namespace fs = std::filesystem;
namespace {

OpenedNetwork open_file(const NetworkConfig& config) {
  OpenedNetwork opened{.graph = {}, .preprocess = {}, .backbone = config.backbone, .file = config.backbone, .sha256 = {}};
  const engine::OnnxNetwork network = engine::read_onnx(config.backbone, config.size, config.tensor.value_or(""));
  const onnx::PictureScale scale = engine::scale_without_photos(network, config.scale, opened.notes);
  opened.preprocess = data::sized(engine::preprocess_of(network, scale), network.size, config.resize);
  opened.graph = engine::graph_of(network, scale);
  opened.sha256 = sha256_hex(network.model.files.front()->bytes());
  opened.from_file = FileNetwork{config.tensor.value_or(""), scale.bgr};
  for (std::string& remark : engine::remarks_on(network, opened.graph)) opened.notes.push_back(std::move(remark));
  return opened;
}

}  // namespace

void check_network(const NetworkConfig& config) {
  if (engine::is_onnx_file(config.backbone)) {
    engine::check_there(config.backbone);
    for (const auto& [name, given] : {std::pair{"--weights", config.weights.has_value()}, {"--weights-key", config.weights_key.has_value()}})
      if (given) throw usage_error(name, "a backbone from a file has its own weights", std::string("omit ") + name);
    return;
  }
  const std::vector<models::Network> networks = models::find_networks(config.backbone);
  weights::refuse_for_join(networks, config.weights.has_value(), "--weights");
  weights::refuse_for_join(networks, config.weights_key.has_value(), "--weights-key");
  for (const auto& [name, given] : {std::pair{"--tensor", config.tensor.has_value()},
                                    {"--mean", config.scale.mean.has_value()},
                                    {"--std", config.scale.std.has_value()},
                                    {"--channels", config.scale.channels.has_value()}})
    if (given)
      throw usage_error(name, "is for a backbone from a file, " + config.backbone + " knows its own", "for instance --backbone encoder.onnx");
}

OpenedNetwork open_network(const NetworkConfig& config) {
  check_network(config);
  if (engine::is_onnx_file(config.backbone)) return open_file(config);
  const std::vector<models::Network> networks = models::find_networks(config.backbone);
  const data::Preprocess preprocess = data::sized(networks.front().source->preprocess, config.size, config.resize);
  weights::Pretrained pretrained = weights::load_networks(networks, preprocess, config.weights.value_or(""), config.weights_key.value_or(""));
  return {std::move(pretrained.graph), preprocess,   models::name_of(networks),  pretrained.file,
          pretrained.sha256,           std::nullopt, std::move(pretrained.notes)};
}

OpenedNetwork reopen_network(const IndexInfo& info, const fs::path& file) {
  if (!info.file_network) {
    const std::vector<models::Network> networks = models::find_networks(info.backbone);
    weights::refuse_for_join(networks, !file.empty(), "--weights");
    weights::Pretrained pretrained = weights::load_networks(networks, info.preprocess, file);
    return {std::move(pretrained.graph), info.preprocess, info.backbone, pretrained.file, pretrained.sha256};
  }
  const fs::path place = file.empty() ? fs::path(info.backbone) : file;
  std::error_code code;
  if (!fs::exists(place, code))
    throw data_error(printable(place.string()), "no such file, but the index was made with it", "say where it is with --weights");
  const engine::OnnxNetwork network = engine::read_onnx(place, info.preprocess.crop, info.file_network->tensor);
  onnx::PictureScale scale = onnx::usual_scales().front();  // the index has the numbers: only the order of the colours is taken from it
  scale.bgr = info.file_network->blue_first;
  return {engine::graph_of(network, scale), info.preprocess, info.backbone, place, sha256_hex(network.model.files.front()->bytes())};
}

}  // namespace graft::search
