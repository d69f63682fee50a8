// How what a network answers depends on what is inside of it: gradients of logits by any values of its graph.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::train {

/// A value of the graph for some pictures, and the gradient by it of each picture's logit.
struct ValueGradient {
  graph::Dims dims;                      // of a row, channels last: (H, W, C), (T, C) or (F)
  std::size_t rows = 0;                  // one a picture; two between MirrorViews and MeanOfViews: all the mirror images follow the pictures
  std::vector<float> values, gradients;  // (rows, dims)
};

struct LogitGradients {
  std::vector<float> logits;                // (pictures, classes)
  std::map<std::string, ValueGradient> by;  // by the names of the graph's outputs
};

/// A network that is asked for its gradients: in float32, with the statistics of its batch norms as they are and no dropout. One thread at a time.
class Differentiator {
 public:
  virtual ~Differentiator() = default;
  /// pictures: (n, H, W, C), normalised, as the graph's input wants them; labels: of each picture the class whose logit it is about.
  virtual LogitGradients operator()(std::span<const float> pictures, std::span<const std::size_t> labels) = 0;
};

/// `by`: names of the graph's outputs (Graph::name_output), of which node 0 is the picture itself; its first output gives the logits, (classes).
/// `threads`: for the whole process. Errors (usage): a name that there is not; when it is asked: an operator that runs in the engine alone.
std::unique_ptr<Differentiator> differentiate(const graph::Graph& graph, const std::vector<std::string>& by, int threads);

}  // namespace graft::train
