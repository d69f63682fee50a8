// Class activation maps (Zhou et al. 2016): where the answer is a linear function of maps, what each of their places gives to a class. Over all places
// that sums to the logit without the bias.
#include <algorithm>

#include "graft/engine/engine.h"
#include "graft/explain/attribution.h"
#include "graft/explain/linear_end.h"
#include "graft/graph/builder.h"
#include "graft/onnx/write.h"

namespace graft::explain {
namespace {

/// The answers, and behind them the maps.
graph::Graph with_maps(const graph::Graph& graph, const LinearEnd& end) {
  graph::Graph out = graph;
  std::vector<graph::Value> parts{graph::output_of(out)};
  for (const LinearMap& map : end.maps) parts.push_back(graph::apply(graph::Flatten{}, {{&out, map.node}}));
  out.outputs = {{"answers_and_maps", graph::apply(graph::Concat{}, parts).node}};
  return out;
}

class Cam : public Attribution {
 public:
  Cam(const Network& network, LinearEnd end, const ExplainOptions& options)
      : end_(std::move(end)),
        classes_(network.card.labels.size()),
        batch_(static_cast<std::size_t>(options.batch)),
        engine_(onnx::write(with_maps(*network.graph, end_)), network.name, network.card.preprocess,
                {.precision = options.precision, .threads = options.threads, .batch = options.batch}) {
    if (!end_.layer) return;
    weights_ = network.graph->parameters[static_cast<std::size_t>(network.graph->nodes[*end_.layer].parameters[0])].tensor;
    features_ = weights_.values.size() / classes_;
  }

  std::size_t batch() const override { return batch_; }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  /// `values`: the maps of one photo, one behind the other.
  HeatMap map(std::span<const float> values, std::size_t label) const {
    HeatMap sum;
    for (const LinearMap& map : end_.maps) {  // the finest gives the size
      sum.height = std::max(sum.height, static_cast<int>(map.dims[1]));
      sum.width = std::max(sum.width, static_cast<int>(map.dims[2]));
    }
    sum.values.resize(static_cast<std::size_t>(sum.height) * static_cast<std::size_t>(sum.width));
    for (const LinearMap& map : end_.maps) {
      const auto count = static_cast<std::size_t>(graph::element_count(map.dims));
      add(sum, shared_out(given(map, values.first(count), label), sum.height, sum.width));
      values = values.subspan(count);
    }
    return sum;
  }

  std::size_t classes() const { return classes_; }

 private:
  /// By each place of one of the maps, `values`.
  HeatMap given(const LinearMap& map, std::span<const float> values, std::size_t label) const {
    HeatMap out{static_cast<int>(map.dims[1]), static_cast<int>(map.dims[2])};
    const std::size_t places = static_cast<std::size_t>(map.dims[1] * map.dims[2]);
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
  const std::size_t classes_, batch_;
  engine::Engine engine_;
  graph::Tensor weights_;  // (classes, features)
  std::size_t features_ = 0;
};

class SeenMaps : public Seen {
 public:
  SeenMaps(const Cam& cam, std::vector<float> values, std::size_t n) : cam_(cam), values_(std::move(values)), width_(values_.size() / n) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = values_.begin() + static_cast<std::ptrdiff_t>(i * width_);
      logits.insert(logits.end(), row, row + static_cast<std::ptrdiff_t>(cam.classes()));
    }
  }

  std::vector<HeatMap> maps(std::span<const Question> questions) override {
    std::vector<HeatMap> found;
    for (const Question& q : questions)
      found.push_back(cam_.map(std::span(values_).subspan(q.photo * width_ + cam_.classes(), width_ - cam_.classes()), q.label));
    return found;
  }

 private:
  const Cam& cam_;
  const std::vector<float> values_;  // (n, classes and maps)
  const std::size_t width_;
};

std::unique_ptr<Seen> Cam::look(std::span<const uint8_t> rows, std::size_t n) {
  std::vector<float> values(n * engine_.width());
  engine_.run(rows, n, values);
  return std::make_unique<SeenMaps>(*this, std::move(values), n);
}

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
