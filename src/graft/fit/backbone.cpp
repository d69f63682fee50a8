#include "graft/fit/backbone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/engine/tensors.h"
#include "graft/weights/hub.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr int kDefaultSize = 224, kSmallest = 32, kLargest = 1024;  // as --size
constexpr int kLargestMargin = 2;

void note(const Listener& listener, const std::string& sentence) {
  if (listener.note) listener.note(sentence);
}

/// Only when the user asked for it, and named no file of weights.
void fetch_missing(const FitConfig& config, const models::Source& source, const Listener& listener) {
  if (!config.download || config.weights || !weights::find_file(source).empty()) return;
  weights::FetchOptions options;
  if (listener.download) options.download.progress = [&](uint64_t done, uint64_t total) { listener.download(source.file, done, total); };
  const weights::Fetched fetched = weights::fetch(source, options);
  note(listener, "fetched " + printable(fetched.file.string()));
}

/// Fills size and resize in, and puts them into the preprocessing.
void choose_size(Configured<FitConfig>& config, data::Preprocess& preprocess, std::optional<int> size, const std::string& reason) {
  preprocess = data::sized(preprocess, size, config.values.resize);
  choose(config, "size", preprocess.crop, reason);
  choose(config, "resize", preprocess.resize, reason);
}

/// Three numbers with commas between them, or one for all channels.
std::array<float, 3> channels(const char* option, const std::string& text, bool positive) {
  std::vector<float> numbers;
  for (const std::string& word : split(text, ',')) {
    const std::optional<float> number = number_in<float>(trim(word));
    if (!number || !std::isfinite(*number) || (positive && *number <= 0))
      throw usage_error(
          fmt::format("{} {}", option, printable(text)),
          positive ? "expected one number above 0, or three with commas between them" : "expected one number, or three with commas between them",
          "of values in 0..1, in the order red, green, blue");
    numbers.push_back(*number);
  }
  if (numbers.size() == 1) numbers.assign(3, numbers[0]);
  if (numbers.size() != 3)
    throw usage_error(fmt::format("{} {}", option, printable(text)), fmt::format("{} numbers, expected one or three", numbers.size()),
                      "of values in 0..1, in the order red, green, blue");
  return {numbers[0], numbers[1], numbers[2]};
}

OpenedBackbone open_registered(Configured<FitConfig>& config, const Listener& listener) {
  const FitConfig& c = config.values;
  const models::Network network = models::find_network(c.backbone);
  OpenedBackbone opened{.preprocess = network.source->preprocess};
  choose_size(config, opened.preprocess, c.size, "as " + c.backbone + " was trained");
  fetch_missing(c, *network.source, listener);
  opened.pretrained = weights::load_pretrained(network, opened.preprocess.crop, c.weights.value_or(""));
  return opened;
}

/// What graft wrote into the file, or ImageNet's, as the options say otherwise.
data::Preprocess preprocess_of(Configured<FitConfig>& config, const OnnxNetwork& network, const Listener& listener) {
  const FitConfig& c = config.values;
  data::Preprocess preprocess;
  const auto written = network.model.metadata.find("graft.preprocess");
  if (written != network.model.metadata.end()) {
    const nlohmann::json json = nlohmann::json::parse(written->second, nullptr, false);
    if (json.is_discarded())
      throw data_error(network.model.path, "its metadata 'graft.preprocess' is not JSON", "use a model.onnx made by `graft fit`");
    preprocess = data::preprocess_from_json(json, network.model.path);
    preprocess.resize = std::clamp(preprocess.resize, preprocess.crop, kLargestMargin * preprocess.crop);
  }
  if (c.mean) preprocess.mean = channels("--mean", *c.mean, false);
  if (c.std) preprocess.std = channels("--std", *c.std, true);
  if (c.filter) preprocess.filter = *c.filter;
  choose_size(config, preprocess, static_cast<int>(network.size),
              written != network.model.metadata.end() || network.input.size > 0 ? "as the file says" : "the file leaves it free");
  if (written == network.model.metadata.end() && !(c.mean && c.std))
    note(listener,
         fmt::format("{} does not say how its pictures are normalised: taken as ImageNet's mean {:g} and deviation {:g}; say otherwise with "
                     "--mean, --std and --filter",
                     network.model.path, fmt::join(preprocess.mean, ","), fmt::join(preprocess.std, ",")));
  return preprocess;
}

OpenedBackbone open_onnx(Configured<FitConfig>& config, const Listener& listener) {
  const FitConfig& c = config.values;
  OnnxNetwork network = read_onnx(c.backbone, c.size, c.tensor.value_or(""));
  OpenedBackbone opened{.preprocess = preprocess_of(config, network, listener)};
  opened.pretrained.file = c.backbone;
  opened.pretrained.sha256 = sha256_hex(network.model.files.front()->bytes());
  if (network.reading.graph) {
    opened.pretrained.graph = std::move(*network.reading.graph);
    note(listener, fmt::format("{} became a network of {} stages", network.model.path, opened.pretrained.graph.stages.size()));
  } else {
    opened.pretrained.graph = engine::opaque(network.model, network.input, network.features, network.size);
    note(listener, fmt::format("{} is used frozen, up to its tensor {}, since graft has no operator for it: {}", network.model.path,
                               printable(network.features), network.reading.reason));
  }
  return opened;
}

}  // namespace

bool is_onnx_file(const std::string& backbone) {
  std::error_code code;
  return backbone.ends_with(".onnx") || fs::is_regular_file(backbone, code);
}

OnnxNetwork read_onnx(const fs::path& file, std::optional<int> size, std::string_view tensor) {
  OnnxNetwork network{.model = onnx::read_model(file)};
  network.input = onnx::image_input(network.model);
  network.size = size ? *size : network.input.size > 0 ? network.input.size : kDefaultSize;
  if (network.size < kSmallest || network.size > kLargest)
    throw data_error(network.model.path, fmt::format("pictures of {0}x{0}, expected a side of {1} to {2}", network.size, kSmallest, kLargest),
                     "export it for such a size or with free height and width");
  network.features = tensor.empty() ? onnx::default_tensor(network.model) : onnx::find_tensor(network.model, tensor);
  network.reading = onnx::read_graph(network.model, network.input, network.size, tensor);
  return network;
}

void check_backbone(const FitConfig& config) {
  if (is_onnx_file(config.backbone)) {
    std::error_code code;
    if (!fs::exists(config.backbone, code)) throw data_error(printable(config.backbone), "no such file", "see `graft models` for networks by name");
    if (config.weights) throw usage_error("--weights", "a backbone from a file brings its own", "leave --weights away");
    return;
  }
  models::find_network(config.backbone);
  for (const auto& [name, given] : {std::pair{"--tensor", config.tensor.has_value()},
                                    {"--mean", config.mean.has_value()},
                                    {"--std", config.std.has_value()},
                                    {"--filter", config.filter.has_value()}})
    if (given)
      throw usage_error(name, "is for a backbone from a file, " + config.backbone + " knows its own", "for instance --backbone encoder.onnx");
}

OpenedBackbone open_backbone(Configured<FitConfig>& config, const Listener& listener) {
  return is_onnx_file(config.values.backbone) ? open_onnx(config, listener) : open_registered(config, listener);
}

}  // namespace graft::fit
