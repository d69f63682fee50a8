// Parameters grouped by how they are trained. The last part of a parameter's
// journey before the optimizer, which has a group for each ParamGroup.
#pragma once

#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/transfer/plan.h"

namespace graft::transfer {

struct ParameterPlan {
  bool trains = false;
  double lr_scale = 0, weight_decay = 0;
  int unfreezes_at = 0;  // epoch, of one that trains
  std::string why;       // "layer1 is frozen", "running statistic, fixed", "norm, bias or scale: no decay"
};

/// In the order of graph.parameters. Weight decay pulls a weight to 0, so it is for weights whose 0 means "no influence" only: see without_decay().
std::vector<ParameterPlan> parameter_plans(const graph::Graph& graph, const Plan& plan);

struct ParamGroup {
  double lr_scale, weight_decay;
  std::vector<int> parameters;  // indices into graph.parameters, ascending
  int stage, unfreezes_at;
  std::string name;  // "layer4", "layer4 without decay"
};

/// By stage, from the bottom up. Every parameter that trains is in one group; frozen ones and buffers are in none.
std::vector<ParamGroup> groups(const graph::Graph& graph, const Plan& plan);

/// Norms, biases and the scale of a channel or a layer have one number per output (rank 0 or 1): they set its size, which
/// decay would spoil without making the function simpler (He et al. 2019, "Bag of tricks", 3.1). Position embeddings, class
/// tokens and layer scales are of that kind, too, but have a higher rank: they are known by torchvision's and timm's names.
bool without_decay(const graph::Parameter& parameter);

}  // namespace graft::transfer
