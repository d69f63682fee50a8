#include "graft/explain/gradients.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/onnx/write.h"
#include "graft/train/library.h"

namespace graft::explain {
namespace {

const train::Library& library_for(const Network& network) {
  try {
    return train::library();
  } catch (const Error& e) {
    std::vector<std::string> without;
    for (const Way& way : ways())
      if (!way.gradients && way.why_not(network).empty()) without.push_back(name_of(way.method));
    throw Error(e.kind(), e.subject(), e.fact(),
                fmt::format("gradients need graft's training package; these methods do not: {}", fmt::join(without, ", ")));
  }
}

}  // namespace

GradientNetwork::GradientNetwork(const Network& network, const graph::Graph& graph, const std::vector<std::string>& by, const ExplainOptions& options)
    : batch_(static_cast<std::size_t>(options.batch)),
      preprocess_(network.card.preprocess),
      engine_(onnx::write(*network.graph), network.name, preprocess_,
              {.precision = options.precision, .threads = options.threads, .batch = options.batch}),
      differentiator_(library_for(network).differentiate(graph, by, options.threads)) {}

std::vector<float> GradientNetwork::answers(std::span<const uint8_t> rows, std::size_t n) {
  std::vector<float> logits(n * engine_.width());
  engine_.run(rows, n, logits);
  return logits;
}

void GradientNetwork::gradients(std::span<const float> pictures, std::span<const std::size_t> labels,
                                const std::function<void(std::size_t, const train::LogitGradients&)>& take) {
  const std::size_t size = preprocess_.row_bytes();
  for (std::size_t first = 0; first < labels.size(); first += batch_) {
    check_interrupted();
    const std::size_t count = std::min(batch_, labels.size() - first);
    take(first, (*differentiator_)(pictures.subspan(first * size, count * size), labels.subspan(first, count)));
  }
}

}  // namespace graft::explain
