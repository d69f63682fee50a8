// Grad-CAM, Grad-CAM++ and LayerCAM: of the network's last values that have places, by formulas of gradient_maps.h.
#include <algorithm>
#include <utility>

#include "graft/data/normalise.h"
#include "graft/explain/gradient_maps.h"
#include "graft/explain/gradients.h"
#include "graft/explain/last_maps.h"

namespace graft::explain {
namespace {

using Formula = std::vector<float> (*)(const PlaceGradients& at);

class OfLastMaps : public Attribution {
 public:
  OfLastMaps(const Network& network, LastMaps last, Formula formula, const ExplainOptions& options)
      : maps_(std::move(last.maps)), formula_(formula), network_(network, last.graph, names(), options) {}

  std::size_t batch() const override { return network_.batch(); }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  std::vector<HeatMap> maps(std::span<const float> pictures, std::span<const Question> questions) {
    const std::size_t size = network_.preprocess().row_bytes();
    std::vector<float> asked;
    std::vector<std::size_t> labels;
    for (const Question& q : questions) {
      const std::span<const float> picture = pictures.subspan(q.photo * size, size);
      asked.insert(asked.end(), picture.begin(), picture.end());
      labels.push_back(q.label);
    }
    std::vector<HeatMap> found;
    network_.gradients(asked, labels, [&](std::size_t, const train::LogitGradients& gradients) {
      for (std::size_t i = 0; i < gradients.by.at(maps_[0].name).rows; ++i) found.push_back(map(gradients, i));
    });
    return found;
  }

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const LastMap& map : maps_) names.push_back(map.name);
    return names;
  }

  /// Of the row-th picture: what all last maps say, the finest of which gives the size.
  HeatMap map(const train::LogitGradients& gradients, std::size_t row) const {
    HeatMap sum;
    for (const LastMap& map : maps_) {
      sum.height = std::max(sum.height, map.height);
      sum.width = std::max(sum.width, map.width);
    }
    sum.values.resize(static_cast<std::size_t>(sum.height) * static_cast<std::size_t>(sum.width));
    for (const LastMap& map : maps_) {
      const train::ValueGradient& by = gradients.by.at(map.name);
      const std::size_t places = static_cast<std::size_t>(map.height) * static_cast<std::size_t>(map.width);
      const std::size_t begin = (row * (map.others + places) + map.others) * map.channels, count = places * map.channels;
      const PlaceGradients at{map.channels, std::span(by.values).subspan(begin, count), std::span(by.gradients).subspan(begin, count)};
      add(sum, shared_out({map.height, map.width, formula_(at)}, sum.height, sum.width));
    }
    return sum;
  }

  const std::vector<LastMap> maps_;
  const Formula formula_;
  GradientNetwork network_;
};

class SeenByGradients : public Seen {
 public:
  SeenByGradients(OfLastMaps& maps, std::vector<float> pictures) : maps_(maps), pictures_(std::move(pictures)) {}
  std::vector<HeatMap> maps(std::span<const Question> questions) override { return maps_.maps(pictures_, questions); }

 private:
  OfLastMaps& maps_;
  const std::vector<float> pictures_;
};

std::unique_ptr<Seen> OfLastMaps::look(std::span<const uint8_t> rows, std::size_t n) {
  std::vector<float> pictures(rows.size());
  data::normalise(network_.preprocess(), rows, pictures);
  auto seen = std::make_unique<SeenByGradients>(*this, std::move(pictures));
  seen->logits = network_.answers(rows, n);
  return seen;
}

std::unique_ptr<Attribution> open(const Network& network, const ExplainOptions& options, Formula formula) {
  std::string why_not;
  return std::make_unique<OfLastMaps>(network, *last_maps(*network.graph, why_not), formula, options);
}

}  // namespace

std::string why_no_last_map(const Network& network) {
  if (!network.graph) return no_graph(network);
  std::string why_not;
  last_maps(*network.graph, why_not);
  return why_not;
}

std::unique_ptr<Attribution> open_grad_cam(const Network& network, const ExplainOptions& options) { return open(network, options, grad_cam); }
std::unique_ptr<Attribution> open_grad_cam_plus_plus(const Network& network, const ExplainOptions& options) {
  return open(network, options, grad_cam_plus_plus);
}
std::unique_ptr<Attribution> open_layer_cam(const Network& network, const ExplainOptions& options) { return open(network, options, layer_cam); }

}  // namespace graft::explain
