// Gradients of a network's logits with respect to any values inside its graph.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::train {

/// A value of the graph for a batch of pictures, and the gradient of each picture's logit with respect to it.
struct ValueGradient {
  graph::Dims dims;                      // shape of a row, channels last: (H, W, C), (T, C) or (F)
  std::size_t rows = 0;                  // one per picture; two between MirrorViews and MeanOfViews, where all mirror images follow all pictures
  std::vector<float> values, gradients;  // (rows, dims)
};

struct LogitGradients {
  std::vector<float> logits;                // (pictures, classes)
  std::map<std::string, ValueGradient> by;  // by the names of the graph's outputs
};

/// Computes gradients of a network in float32, with fixed batch norm statistics and without dropout. Not for several threads at once.
class Differentiator {
 public:
  virtual ~Differentiator() = default;
  /// pictures: (n, H, W, C), normalized as the graph expects its input; labels: for each picture, the class whose logit is differentiated.
  virtual LogitGradients operator()(std::span<const float> pictures, std::span<const std::size_t> labels) = 0;
};

/// `by`: names of outputs of the graph (Graph::name_output) to differentiate with respect to; node 0 is the picture itself. The graph's first output
/// must be the logits, (classes). `threads`: for the whole process. Errors (usage): an unknown name; when the Differentiator is called: an operator
/// that only the engine can run.
std::unique_ptr<Differentiator> differentiate(const graph::Graph& graph, const std::vector<std::string>& by, int threads);

}  // namespace graft::train
