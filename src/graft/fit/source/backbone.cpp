#include "graft/fit/source/backbone.h"

#include <fmt/format.h>

#include <array>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/source/picture_scale.h"
#include "graft/graph/walks.h"
#include "graft/models/join.h"
#include "graft/weights/hub.h"
#include "graft/weights/join.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

void note(const Listener& listener, const std::string& sentence) {
  if (listener.note) listener.note(sentence);
}

/// Only when the user asked for it, and named no weights file.
void fetch_missing(const FitConfig& config, const models::Source& source, const Listener& listener) {
  if (!config.download || config.weights || !weights::find_file(source).empty()) return;
  weights::FetchOptions options;
  if (listener.download) options.download.progress = [&](uint64_t done, uint64_t total) { listener.download(source.file, done, total); };
  const weights::Fetched fetched = weights::fetch(source, options);
  note(listener, "fetched " + printable(fetched.file.string()));
}

/// Fills size and resize in, and puts them into the preprocessing.
void choose_size(Configured<FitConfig>& config, data::Preprocess& preprocess, std::optional<Size> size, const std::string& reason) {
  preprocess = data::sized(preprocess, size, config.values.resize);
  choose(config, "size", preprocess.crop, reason);
  choose(config, "resize", preprocess.resize, reason);
}

OpenedBackbone open_registered(Configured<FitConfig>& config, const Listener& listener) {
  const FitConfig& c = config.values;
  const std::vector<models::Network> networks = models::find_networks(c.backbone);
  const models::Network& first = networks.front();
  OpenedBackbone opened{.preprocess = first.source->preprocess};
  choose_size(config, opened.preprocess, c.size, fmt::format("as {} was trained", networks.size() > 1 ? first.name() : c.backbone));
  for (const models::Network& network : networks) fetch_missing(c, *network.source, listener);
  opened.pretrained = weights::load_networks(networks, opened.preprocess, c.weights.value_or(""), c.weights_key.value_or(""));
  for (const std::string& sentence : opened.pretrained.notes) note(listener, sentence);
  return opened;
}

OpenedBackbone open_onnx(Job& job) {
  Configured<FitConfig>& config = job.config;
  const FitConfig& c = config.values;
  const engine::OnnxNetwork network = engine::read_onnx(c.backbone, c.size, c.tensor.value_or(""));
  const onnx::PictureScale scale = choose_scale(job, network);
  OpenedBackbone opened{.preprocess = engine::preprocess_of(network, scale)};
  if (c.filter) opened.preprocess.filter = *c.filter;
  choose_size(config, opened.preprocess, network.size, network.written || network.input.size ? "as the file says" : "the file leaves it free");
  opened.pretrained.file = c.backbone;
  opened.pretrained.sha256 = sha256_hex(network.model.files.front()->bytes());
  opened.pretrained.graph = engine::graph_of(network, scale);
  for (const std::string& remark : engine::remarks_on(network, opened.pretrained.graph)) job.note(remark);
  if (c.strategy && c.strategy != transfer::Kind::head && engine::is_frozen(opened.pretrained.graph))
    throw usage_error(fmt::format("--strategy {}", transfer::to_string(*c.strategy)),
                      fmt::format("{} stays frozen, since graft has no operator for it: {}", network.model.path, network.reading.reason),
                      "omit --strategy, or choose head");
  return opened;
}

/// The network for grey pictures, normalised by the mean of the three channels' constants.
graph::Graph to_grey(const graph::Graph& graph, data::Preprocess& preprocess) {
  const auto average = [](const std::array<float, 3>& x) { return (x[0] + x[1] + x[2]) / 3; };
  const float mean = average(preprocess.mean), deviation = average(preprocess.std);
  const std::array<float, 3> factors = {deviation / preprocess.std[0], deviation / preprocess.std[1], deviation / preprocess.std[2]};
  preprocess.mean = {mean, mean, mean};
  preprocess.std = {deviation, deviation, deviation};
  preprocess.grey = true;
  return graph::grey(graph, factors);
}

}  // namespace

void check_backbone(const FitConfig& config) {
  if (engine::is_onnx_file(config.backbone)) {
    engine::check_there(config.backbone);
    if (config.weights_key) throw usage_error("--weights-key", "a backbone from a file has its own weights", "omit --weights-key");
    if (config.weights) throw usage_error("--weights", "a backbone from a file has its own", "omit --weights");
    return;
  }
  const std::vector<models::Network> networks = models::find_networks(config.backbone);
  weights::refuse_for_join(networks, config.weights.has_value(), "--weights");
  weights::refuse_for_join(networks, config.weights_key.has_value(), "--weights-key");
  if (networks.size() > 1 && config.strategy == transfer::Kind::scratch)
    throw usage_error("--strategy scratch", "starts from random values, but networks are joined for what each has learned", "choose one of them");
  for (const auto& [name, given] : {std::pair{"--tensor", config.tensor.has_value()},
                                    {"--mean", config.scale.mean.has_value()},
                                    {"--std", config.scale.std.has_value()},
                                    {"--channels", config.scale.channels.has_value()},
                                    {"--filter", config.filter.has_value()}})
    if (given)
      throw usage_error(name, "is for a backbone from a file, " + config.backbone + " knows its own", "for instance --backbone encoder.onnx");
}

OpenedBackbone open_backbone(Job& job) {
  const FitConfig& c = job.config.values;
  OpenedBackbone opened = engine::is_onnx_file(c.backbone) ? open_onnx(job) : open_registered(job.config, job.listener);
  if (c.grey && !opened.preprocess.grey) opened.pretrained.graph = to_grey(opened.pretrained.graph, opened.preprocess);
  return opened;
}

std::optional<OpenedBackbone> open_if_possible(Job& job) {
  try {
    return open_backbone(job);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace graft::fit
