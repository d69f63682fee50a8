// What a network computes inside, in addition to its answers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graft/engine/engine.h"
#include "graft/explain/explainer.h"
#include "graft/explain/network.h"

namespace graft::explain {

/// What was computed of some photos.
struct InsideValues {
  std::vector<float> rows;          // (n, width): the answers, what the last layer reads, then the values of the nodes one after the other
  std::vector<std::size_t> begins;  // where each node's value begins in a row
  std::size_t width = 0, classes = 0, read_last = 0;

  std::vector<float> logits() const;    // (n, classes)
  std::vector<float> features() const;  // (n, numbers that the last layer reads); none where there is no such layer
  /// The value of a node, by its index in the list that was asked for, for one photo.
  std::span<const float> of(std::size_t photo, std::size_t node) const;
  /// (n, count) of the rows.
  std::vector<float> columns(std::size_t first, std::size_t count) const;
};

/// The network of `network.graph`, with the values of those nodes as outputs after its answers.
class Inside {
 public:
  Inside(const Network& network, std::span<const int> nodes, const ExplainOptions& options);
  std::size_t batch() const { return static_cast<std::size_t>(engine_.batch()); }
  /// rows: (n, H, W, C) bytes.
  InsideValues run(std::span<const uint8_t> rows, std::size_t n);

 private:
  engine::Engine engine_;
  InsideValues shape_;  // without rows
};

}  // namespace graft::explain
