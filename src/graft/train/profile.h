// The time that training steps take, by operator.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::train {

struct OperatorTime {
  std::string what;    // "depthwise 5x5 stride 2, 672 at 14x14, backward"; the size is that of the input
  std::string kernel;  // which implementation was used; empty if there is only one
  int calls = 0;
  double seconds = 0;
};

class Profile {
 public:
  void add(const std::string& what, const std::string& kernel, double seconds);
  /// Sorted, the most expensive first.
  std::vector<OperatorTime> times() const;

 private:
  std::map<std::pair<std::string, std::string>, OperatorTime> times_;
};

/// An operator and the shape of its input: "pointwise 96 to 24 at 56x56". The same for all nodes that do the same work.
std::string describe(const graph::Graph& graph, std::size_t node);

}  // namespace graft::train
