// libLBFGS behind a plain function.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace graft::head {

/// Returns the value at `x` and writes its gradient. May throw; the exception comes out of `minimise`.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct StopRule {
  double gradient;           // stop when ||gradient|| <= gradient * ||x||
  double decrease = 0;       // or when a step lowers the value by less than this fraction (0: never)
  int max_iterations = 500;  // or after this many steps
};

/// Moves `x` to the minimum of a smooth convex function; returns the number of steps. Also
/// stops when rounding prevents further progress. Interrupted is thrown between steps.
int minimise(const Objective& objective, std::vector<double>& x, const StopRule& rule);

}  // namespace graft::head
