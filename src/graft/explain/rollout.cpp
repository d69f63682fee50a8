// Attention rollout (Abnar and Zuidema 2020) of a transformer: which tokens the answer looks at. It is the same for all classes, and never negative.
#include <algorithm>

#include "graft/explain/attention.h"
#include "graft/explain/attribution.h"
#include "graft/explain/inside.h"
#include "graft/explain/places.h"

namespace graft::explain {
namespace {

constexpr int kMostPhotos = 4;  // at once: queries, keys and values of all layers are some 20 MB a photo

struct Layers {
  std::vector<int> qkv;            // the nodes that the attentions read
  std::vector<std::size_t> heads;  // of each
  Places places;
  bool first_token = false;  // gives the answer; else the mean over all
};

std::optional<Layers> layers_of(const graph::Graph& graph, std::string& why_not) {
  Layers layers;
  int64_t tokens = 0;
  for (const graph::Node& node : graph.nodes) {
    layers.first_token |= std::holds_alternative<graph::FirstToken>(node.op);
    const auto* attention = std::get_if<graph::Attention>(&node.op);
    if (attention == nullptr) continue;
    tokens = node.dims[0];
    layers.qkv.push_back(node.inputs[0]);
    layers.heads.push_back(static_cast<std::size_t>(attention->heads));
  }
  if (layers.qkv.empty()) {
    why_not = "it has no attention to roll out";
    return std::nullopt;
  }
  const auto places = token_places(graph, tokens);
  if (!places) {
    why_not = "its tokens are not the positions of one picture";
    return std::nullopt;
  }
  layers.places = *places;
  return layers;
}

class Rollout : public Attribution {
 public:
  Rollout(const Network& network, Layers layers, ExplainOptions options)
      : layers_(std::move(layers)), inside_(network, layers_.qkv, limited(options)) {}

  std::size_t batch() const override { return inside_.batch(); }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  HeatMap map(const InsideValues& values, std::size_t photo) const {
    const std::size_t extra = static_cast<std::size_t>(layers_.places.extra), tokens = layers_.places.count() + extra;
    std::vector<std::vector<float>> attentions;
    for (std::size_t i = 0; i < layers_.qkv.size(); ++i) attentions.push_back(attention_of(values.of(photo, i), tokens, layers_.heads[i]));
    std::vector<float> begin(tokens, layers_.first_token ? 0.F : 1 / static_cast<float>(tokens));
    if (layers_.first_token) begin[0] = 1;
    const std::vector<float> seen = roll_out(std::move(begin), attentions);
    return {layers_.places.height, layers_.places.width, {seen.begin() + static_cast<std::ptrdiff_t>(extra), seen.end()}};
  }

 private:
  static ExplainOptions limited(ExplainOptions options) {
    options.batch = std::min(options.batch, kMostPhotos);
    return options;
  }

  const Layers layers_;
  Inside inside_;
};

class SeenByRollout : public Seen {
 public:
  SeenByRollout(const Rollout& method, InsideValues values) : method_(method), values_(std::move(values)) {
    logits = values_.logits();
    features = values_.features();
  }

  std::vector<HeatMap> maps(std::span<const Question> questions) override {
    std::vector<HeatMap> found;
    for (std::size_t i = 0; i < questions.size(); ++i)
      found.push_back(i > 0 && questions[i - 1].photo == questions[i].photo ? found.back() : method_.map(values_, questions[i].photo));
    return found;
  }

 private:
  const Rollout& method_;
  const InsideValues values_;
};

std::unique_ptr<Seen> Rollout::look(std::span<const uint8_t> rows, std::size_t n) {
  return std::make_unique<SeenByRollout>(*this, inside_.run(rows, n));
}

}  // namespace

std::string why_no_rollout(const Network& network) {
  std::string why;
  if (!network.graph) return no_graph(network);
  layers_of(*network.graph, why);
  return why;
}

std::unique_ptr<Attribution> open_rollout(const Network& network, const ExplainOptions& options) {
  std::string why;
  return std::make_unique<Rollout>(network, layers_of(*network.graph, why).value(), options);
}

}  // namespace graft::explain
