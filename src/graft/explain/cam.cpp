// Class activation maps (Zhou et al. 2016): where the answer is a linear function of maps, what each of their places gives to a class. Over all places
// that sums to the logit without the bias.
#include <algorithm>

#include "graft/explain/attribution.h"
#include "graft/explain/inside.h"
#include "graft/explain/linear_end.h"

namespace graft::explain {
namespace {

class Cam : public Attribution {
 public:
  Cam(const Network& network, LinearEnd end, const ExplainOptions& options)
      : end_(std::move(end)), inside_(network, nodes_of(end_), options), classes_(network.card.labels.size()) {
    if (!end_.layer) return;
    weights_ = network.graph->parameters[static_cast<std::size_t>(network.graph->nodes[*end_.layer].parameters[0])].tensor;
    features_ = weights_.values.size() / classes_;
  }

  std::size_t batch() const override { return inside_.batch(); }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  HeatMap map(const InsideValues& values, const Question& q) const {
    HeatMap sum;
    for (const LinearMap& map : end_.maps) {  // the finest gives the size
      sum.height = std::max(sum.height, static_cast<int>(map.dims[1]));
      sum.width = std::max(sum.width, static_cast<int>(map.dims[2]));
    }
    sum.values.resize(static_cast<std::size_t>(sum.height) * static_cast<std::size_t>(sum.width));
    for (std::size_t i = 0; i < end_.maps.size(); ++i)
      add(sum, shared_out(given(end_.maps[i], values.of(q.photo, i), q.label), sum.height, sum.width));
    return sum;
  }

 private:
  static std::vector<int> nodes_of(const LinearEnd& end) {
    std::vector<int> nodes;
    for (const LinearMap& map : end.maps) nodes.push_back(map.node);
    return nodes;
  }

  /// By each place of one of the maps, `values`.
  HeatMap given(const LinearMap& map, std::span<const float> values, std::size_t label) const {
    HeatMap out{static_cast<int>(map.dims[1]), static_cast<int>(map.dims[2])};
    const auto places = static_cast<std::size_t>(map.dims[1] * map.dims[2]);
    out.values.resize(places);
    if (!end_.layer) {
      for (std::size_t p = 0; p < places; ++p) out.values[p] = values[label * places + p] / static_cast<float>(places);
      return out;
    }
    const float* weights = weights_.values.data() + label * features_ + map.first;
    for (std::size_t c = 0; c < static_cast<std::size_t>(map.dims[0]); ++c)
      for (std::size_t p = 0; p < places; ++p)
        out.values[p] += values[c * places + p] * (map.averaged ? weights[c] / static_cast<float>(places) : weights[c * places + p]);
    return out;
  }

  const LinearEnd end_;
  Inside inside_;
  const std::size_t classes_;
  graph::Tensor weights_;  // (classes, features)
  std::size_t features_ = 0;
};

class SeenByCam : public Seen {
 public:
  SeenByCam(const Cam& cam, InsideValues values) : cam_(cam), values_(std::move(values)) {
    logits = values_.logits();
    features = values_.features();
  }

  std::vector<HeatMap> maps(std::span<const Question> questions) override {
    std::vector<HeatMap> found;
    for (const Question& q : questions) found.push_back(cam_.map(values_, q));
    return found;
  }

 private:
  const Cam& cam_;
  const InsideValues values_;
};

std::unique_ptr<Seen> Cam::look(std::span<const uint8_t> rows, std::size_t n) { return std::make_unique<SeenByCam>(*this, inside_.run(rows, n)); }

}  // namespace

std::string why_no_cam(const Network& network) {
  std::string why;
  if (!network.graph) return no_graph(network);
  linear_end(*network.graph, why);
  return why;
}

std::unique_ptr<Attribution> open_cam(const Network& network, const ExplainOptions& options) {
  std::string why;
  return std::make_unique<Cam>(network, linear_end(*network.graph, why).value(), options);
}

}  // namespace graft::explain
