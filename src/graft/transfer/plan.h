// What a Strategy means for one network, stage by stage. In a parameter's
// journey this comes between loading and its ParamGroup (groups.h).
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/transfer/strategy.h"

namespace graft::transfer {

struct StagePlan {
  std::string name;
  bool trains = false;           // at some time; always false for a stage without parameters
  int unfreezes_at = 0;          // epoch, from 0, of a stage that trains
  bool batch_norm_live = false;  // from that epoch on; false if the stage has no BatchNorm
  double lr_scale = 0;           // learning rate = base * lr_scale * schedule; 0 if nothing trains
};

struct Plan {
  Strategy strategy;
  std::vector<StagePlan> stages;  // those of the graph; the last is the head
  int first_trainable = 0;        // the lowest stage that ever trains: everything before it can be computed once and kept
};

/// A stage graph::kBottleneck before the head is new as the head is: it trains when that does, as fast, and its batch norm is always live.
/// It and stages without parameters count neither for `unfreeze` nor for the decay of the learning rate. Error (usage) for an unknown stage, a number of
/// stages the network does not have, values out of range, and a strategy that trains nothing. Of gradual the stages whose turn would come after
/// `epochs` stay frozen.
Plan plan(const graph::Graph& graph, const Strategy& strategy, int epochs = std::numeric_limits<int>::max());

/// The same with the head unchanged. Error (usage) if nothing else trains.
Plan with_frozen_head(Plan plan);

/// The lowest stage that trains in this epoch; for gradual it moves down. `epoch` counts from 0.
int first_trainable_at(const Plan& plan, int epoch);

}  // namespace graft::transfer
