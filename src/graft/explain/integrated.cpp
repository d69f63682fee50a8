// Integrated gradients (Sundararajan et al. 2017): by pixel, what its way from a picture without content gives to the logit. All pixels sum to the
// difference of the logits of both pictures, which is checked.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "graft/data/normalise.h"
#include "graft/explain/blurred.h"
#include "graft/explain/gradients.h"

namespace graft::explain {
namespace {

constexpr const char* kPicture = "picture";
constexpr double kBlur = 0.1;  // of the shorter side: what stands in a picture is gone, its light and colours stay

graph::Graph with_picture(graph::Graph graph) {
  graph.outputs = {graph.named_outputs().front()};
  graph.name_output(kPicture, 0);
  return graph;
}

class Integrated : public Attribution {
 public:
  Integrated(const Network& network, const ExplainOptions& options)
      : baseline_(options.baseline), network_(network, with_picture(*network.graph), {kPicture}, options) {}

  std::size_t batch() const override { return network_.batch(); }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  HeatMap map(std::span<const uint8_t> row, std::size_t label, std::string& note) {
    std::vector<float> from(row.size()), way(row.size());
    data::normalise(network_.preprocess(), baseline(row), from);
    data::normalise(network_.preprocess(), row, way);
    for (std::size_t i = 0; i < way.size(); ++i) way[i] -= from[i];
    for (int steps = kIntegrationSteps;; steps *= 2) {
      const Sum sum = summed(from, way, label, steps);
      double total = 0;
      for (const float value : sum.map.values) total += double{value};
      const double left = std::abs(total - sum.difference);
      if (left > kIntegrationTolerance * std::max(std::abs(sum.difference), 1.0)) {
        if (steps < kMostIntegrationSteps) continue;
        note = fmt::format("its integrated gradients sum to {:.3f} after {} steps, but the logits differ by {:.3f}", total, steps, sum.difference);
      }
      return sum.map;
    }
  }

 private:
  struct Sum {
    HeatMap map;
    double difference = 0;  // logit of the picture less that of where the way begins
  };

  std::vector<uint8_t> baseline(std::span<const uint8_t> row) const {
    if (baseline_ == Baseline::black) return std::vector<uint8_t>(row.size());
    const double sigma = kBlur * network_.preprocess().crop.shorter();
    return blurred(network_.preprocess(), row, 2 * static_cast<int>(std::ceil(3 * sigma)) + 1, sigma);
  }

  /// By the midpoints of `steps` equal parts of the way.
  Sum summed(std::span<const float> from, std::span<const float> way, std::size_t label, int steps) {
    std::vector<double> at;
    for (int k = 0; k < steps; ++k) at.push_back((k + 0.5) / steps);
    at.insert(at.end(), {0, 1});
    const Size size = network_.preprocess().crop;
    const auto channels = static_cast<std::size_t>(network_.preprocess().channels());
    Sum sum{.map = {size.height, size.width, std::vector<float>(way.size() / channels)}};
    std::vector<double> gradient(way.size());
    for (std::size_t first = 0; first < at.size(); first += network_.batch()) {  // not all at once: they may be hundreds
      const std::size_t count = std::min(network_.batch(), at.size() - first);
      std::vector<float> pictures;
      for (std::size_t k = first; k < first + count; ++k)
        for (std::size_t i = 0; i < way.size(); ++i) pictures.push_back(from[i] + static_cast<float>(at[k]) * way[i]);
      network_.gradients(pictures, std::vector<std::size_t>(count, label), [&](std::size_t, const train::LogitGradients& found) {
        const std::size_t classes = found.logits.size() / count;
        for (std::size_t k = 0; k < count; ++k) {
          const std::size_t step = first + k;
          if (step >= static_cast<std::size_t>(steps)) sum.difference += (at[step] > 0 ? 1 : -1) * double{found.logits[k * classes + label]};
          else
            for (std::size_t i = 0; i < way.size(); ++i) gradient[i] += double{found.by.at(kPicture).gradients[k * way.size() + i]} / steps;
        }
      });
    }
    for (std::size_t i = 0; i < way.size(); ++i) sum.map.values[i / channels] += static_cast<float>(gradient[i] * double{way[i]});
    return sum;
  }

  const Baseline baseline_;
  GradientNetwork network_;
};

class SeenPixels : public Seen {
 public:
  SeenPixels(Integrated& integrated, std::span<const uint8_t> rows, std::size_t n)
      : integrated_(integrated), rows_(rows.begin(), rows.end()), size_(rows.size() / n) {}

  std::vector<HeatMap> maps(std::span<const Question> questions) override {
    std::vector<HeatMap> found;
    for (const Question& q : questions)
      found.push_back(integrated_.map(std::span(rows_).subspan(q.photo * size_, size_), q.label, notes.emplace_back()));
    return found;
  }

 private:
  Integrated& integrated_;
  const std::vector<uint8_t> rows_;
  const std::size_t size_;
};

std::unique_ptr<Seen> Integrated::look(std::span<const uint8_t> rows, std::size_t n) {
  auto seen = std::make_unique<SeenPixels>(*this, rows, n);
  seen->logits = network_.answers(rows, n);
  return seen;
}

}  // namespace

std::string why_no_gradients(const Network& network) { return network.graph ? "" : no_graph(network); }

std::unique_ptr<Attribution> open_integrated_gradients(const Network& network, const ExplainOptions& options) {
  return std::make_unique<Integrated>(network, options);
}

}  // namespace graft::explain
