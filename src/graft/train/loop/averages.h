// Weights that are made of several, by index into Executor::values: averages over a training (EMA, SWA) and between its two ends (WiSE).
#pragma once

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/transfer/plan.h"

namespace graft::train {

/// Whether a parameter, or a running statistic beside it, may move in the training.
bool may_move(const graph::Graph& graph, const transfer::Plan& plan, std::size_t parameter);

/// The list with copies of what may move; the rest is shared.
std::vector<at::Tensor> copies(const graph::Graph& graph, const transfer::Plan& plan, std::vector<at::Tensor> list);

/// Of the steps of one update: adds the gradients to the sums, which begin with the `first` step's, and after the `last` one go back into them.
void accumulate(std::vector<at::Tensor>& gradients, std::vector<at::Tensor>& sums, bool first, bool last);

/// The executor's values as the parameters of its graph; what neither may move nor had a value stays without.
void give_back(const Executor& executor, const transfer::Plan& plan, graph::Graph& graph);

/// average += share * (values - average), of what may move.
void move_average(std::vector<at::Tensor>& average, const Executor& executor, const transfer::Plan& plan, double share);

/// With which share an exponential average takes the weights after update `update`, from 0: it follows fast at first.
double ema_share(double decay, double update);

/// The first epoch of those whose ends SWA averages equally (Izmailov et al. 2018): the last `fraction` of them, at least one.
int first_averaged(int epochs, double fraction);

/// WiSE (Wortsman et al. 2022): below the head alpha * trained + (1 - alpha) * source, running statistics too.
void interpolate(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, double alpha);

}  // namespace graft::train
