#include "graft/explain/explainer.h"

#include <algorithm>
#include <utility>

#include "graft/engine/features.h"
#include "graft/explain/attribution.h"

namespace graft::explain {
namespace {

/// With the other view's.
void average(std::vector<float>& values, std::span<const float> others) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = (values[i] + others[i]) / 2;
}

}  // namespace

Explainer::Explainer(artifact::ModelCard card, Method method, std::unique_ptr<Attribution> attribution, bool mirror)
    : card_(std::move(card)), method_(method), attribution_(std::move(attribution)), mirror_(mirror) {}

Explainer::~Explainer() = default;

Explained Explainer::explain(std::span<const uint8_t> rows, std::size_t n, const Which& which) {
  const std::size_t classes = card_.labels.size(), row_bytes = card_.preprocess.row_bytes();
  Explained explained;
  for (std::size_t first = 0; first < n; first += attribution_->batch()) {
    const std::size_t count = std::min(attribution_->batch(), n - first);
    const std::span<const uint8_t> batch = rows.subspan(first * row_bytes, count * row_bytes);
    const std::unique_ptr<Seen> seen = attribution_->look(batch, count);
    std::vector<uint8_t> turned_batch;
    if (mirror_) engine::mirror_rows(card_.preprocess, batch, turned_batch);
    const std::unique_ptr<Seen> other = mirror_ ? attribution_->look(turned_batch, count) : nullptr;
    std::vector<float> logits = seen->logits, features = seen->features;
    if (other) {
      average(logits, other->logits);
      average(features, other->features);
    }
    std::vector<Question> questions;
    for (std::size_t i = 0; i < count; ++i)
      for (const std::size_t label : which(std::span(logits).subspan(i * classes, classes))) questions.push_back({i, label});
    std::vector<HeatMap> maps = seen->maps(questions);
    if (other) {
      const std::vector<HeatMap> turned = other->maps(questions);
      for (std::size_t q = 0; q < maps.size(); ++q) {
        add(maps[q], mirrored(turned[q]));
        for (float& value : maps[q].values) value /= 2;
      }
    }
    explained.logits.insert(explained.logits.end(), logits.begin(), logits.end());
    explained.features.insert(explained.features.end(), features.begin(), features.end());
    explained.maps.resize(first + count);
    for (std::size_t q = 0; q < maps.size(); ++q)
      explained.maps[first + questions[q].photo].push_back({questions[q].label, std::move(maps[q]), seen->notes.empty() ? "" : seen->notes[q]});
  }
  return explained;
}

std::unique_ptr<Explainer> open_explainer(const std::filesystem::path& model, const ExplainOptions& options) {
  return open_explainer(open_network(model), options);
}

std::unique_ptr<Explainer> open_explainer(const Network& network, const ExplainOptions& options) {
  ExplainOptions chosen = options;
  chosen.precision = artifact::precision_of(network.card, options.precision);
  const Way& way = way_for(network, options.method);
  return std::make_unique<Explainer>(network.card, way.method, way.open(network, chosen), network.mirror && way.one_view);
}

}  // namespace graft::explain
