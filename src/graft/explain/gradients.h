// What the methods by gradients share: the answers of the deployed network, and gradients of its logits through libgraft_train.so.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/engine/engine.h"
#include "graft/explain/attribution.h"
#include "graft/train/logit_gradients.h"

namespace graft::explain {

/// A network of one view, run by the engine for its answers and by the training library for its gradients.
class GradientNetwork {
 public:
  /// `graph`: the network's, or an equivalent one with outputs for `by`. Error (data)
  /// if libgraft_train.so cannot be loaded, naming the methods that do not need it.
  GradientNetwork(const Network& network, const graph::Graph& graph, const std::vector<std::string>& by, const ExplainOptions& options);

  std::size_t batch() const { return batch_; }
  const data::Preprocess& preprocess() const { return preprocess_; }
  std::vector<float> answers(std::span<const uint8_t> rows, std::size_t n);
  /// pictures: normalised. Of any number of them, batch by batch, each batch given to `take` with the number of its first picture.
  void gradients(std::span<const float> pictures, std::span<const std::size_t> labels,
                 const std::function<void(std::size_t first, const train::LogitGradients&)>& take);

 private:
  const std::size_t batch_;
  const data::Preprocess preprocess_;
  engine::Engine engine_;
  std::unique_ptr<train::Differentiator> differentiator_;
};

}  // namespace graft::explain
