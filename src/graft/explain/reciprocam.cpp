// ReciproCAM (Byun and Lee 2022, arXiv 2209.14074) and, of tokens, ViT-ReciproCAM (2023, arXiv 2310.02588): of the last map all places but one are set
// to zero, and what follows is computed of that; for every place. Without the papers' Gaussian, which lets the eight around a place through, too. Tokens
// that are no places are kept. The value of a position is its logit above that of no position at all, so that a pooled linear head gets exactly its CAM.
#include <algorithm>

#include "graft/engine/part_engine.h"
#include "graft/explain/attribution.h"
#include "graft/explain/inside.h"
#include "graft/explain/places.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"

namespace graft::explain {
namespace {

constexpr std::size_t kMostRows = 64;                       // of one batch
constexpr std::size_t kMostNumbers = std::size_t{1} << 24;  // of its rows: 64 MiB

class ReciproCam : public Attribution {
 public:
  ReciproCam(const Network& network, const Places& places, const ExplainOptions& options)
      : places_(places),
        classes_(network.card.labels.size()),
        inside_(network, std::vector<int>{static_cast<int>(places.node)}, options),
        behind_(onnx::write(graph::split_behind(*network.graph, places.node).second), network.name,
                {.precision = options.precision, .threads = options.threads, .batch = rows_at_once()}) {}

  std::size_t batch() const override { return inside_.batch(); }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  /// (places + 1, classes): of each place alone, and of none.
  std::vector<float> alone(std::span<const float> values) {
    const std::size_t count = places_.count() + 1, most = behind_.batch();
    std::vector<float> logits(count * classes_), in(most * behind_.width_in());
    for (std::size_t first = 0; first < count; first += most) {
      const std::size_t n = std::min(most, count - first);
      for (std::size_t i = 0; i < n; ++i) keep(values, first + i, std::span(in).subspan(i * behind_.width_in(), behind_.width_in()));
      behind_.run(in, n, std::span(logits).subspan(first * classes_, n * classes_));
    }
    return logits;
  }

  HeatMap map(std::span<const float> logits, std::size_t label) const {
    HeatMap map{places_.height, places_.width};
    for (std::size_t p = 0; p < places_.count(); ++p) map.values.push_back(logits[p * classes_ + label] - logits[places_.count() * classes_ + label]);
    return map;
  }

 private:
  int rows_at_once() const {
    return static_cast<int>(std::clamp(kMostNumbers / places_.numbers(), std::size_t{1}, std::min(kMostRows, places_.count() + 1)));
  }

  /// Of `values` what is not at this place is zero; a place behind the last one keeps none.
  void keep(std::span<const float> values, std::size_t place, std::span<float> row) const {
    std::ranges::fill(row, 0.F);
    const auto copy = [&](std::size_t at, std::size_t n) { std::ranges::copy(values.subspan(at, n), row.begin() + static_cast<std::ptrdiff_t>(at)); };
    const std::size_t count = places_.count();
    if (places_.tokens) {
      const std::size_t extra = static_cast<std::size_t>(places_.extra);
      copy(0, extra * places_.channels);
      if (place < count) copy((extra + place) * places_.channels, places_.channels);
      return;
    }
    for (std::size_t c = 0; c < places_.channels && place < count; ++c) row[c * count + place] = values[c * count + place];
  }

  const Places places_;
  const std::size_t classes_;
  Inside inside_;
  engine::PartEngine behind_;
};

class SeenByReciproCam : public Seen {
 public:
  SeenByReciproCam(ReciproCam& method, InsideValues values) : method_(method), values_(std::move(values)) {
    logits = values_.logits();
    features = values_.features();
  }

  std::vector<HeatMap> maps(std::span<const Question> questions) override {
    std::vector<HeatMap> found;
    std::vector<float> alone;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Question& q = questions[i];
      if (i == 0 || questions[i - 1].photo != q.photo) alone = method_.alone(values_.of(q.photo, 0));  // of all classes at once
      found.push_back(method_.map(alone, q.label));
    }
    return found;
  }

 private:
  ReciproCam& method_;
  const InsideValues values_;
};

std::unique_ptr<Seen> ReciproCam::look(std::span<const uint8_t> rows, std::size_t n) {
  return std::make_unique<SeenByReciproCam>(*this, inside_.run(rows, n));
}

}  // namespace

std::string why_no_reciprocam(const Network& network) {
  std::string why;
  if (!network.graph) return no_graph(network);
  last_places(*network.graph, why);
  return why;
}

std::unique_ptr<Attribution> open_reciprocam(const Network& network, const ExplainOptions& options) {
  std::string why;
  return std::make_unique<ReciproCam>(network, last_places(*network.graph, why).value(), options);
}

}  // namespace graft::explain
