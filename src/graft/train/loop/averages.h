// Averages of weights, by index into Executor::values: over the course of a training (EMA, SWA), and between its first and last weights (WiSE).
#pragma once

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/transfer/plan.h"

namespace graft::train {

/// Whether the training may change this parameter or running statistic.
bool may_move(const graph::Graph& graph, const transfer::Plan& plan, std::size_t parameter);

/// The same list, with copies of the tensors that the training may change; the others are shared.
std::vector<at::Tensor> copies(const graph::Graph& graph, const transfer::Plan& plan, std::vector<at::Tensor> list);

/// Accumulates gradients over the steps of one update: the `first` step starts the sums, later ones are added, and after the `last` one the sums
/// become the gradients.
void accumulate(std::vector<at::Tensor>& gradients, std::vector<at::Tensor>& sums, bool first, bool last);

/// Writes the executor's values into the parameters of `graph`. Parameters that the training may not change and that had no value stay empty.
void give_back(const Executor& executor, const transfer::Plan& plan, graph::Graph& graph);

/// average += share * (values - average), for the values that the training may change.
void move_average(std::vector<at::Tensor>& average, const Executor& executor, const transfer::Plan& plan, double share);

/// The share with which an exponential moving average takes in the weights after update `update`, counted from 0; larger in early updates.
double ema_share(double decay, double update);

/// The first of the epochs whose final weights SWA averages equally (Izmailov et al. 2018): the last `fraction` of all epochs, at least one.
int first_averaged(int epochs, double fraction);

/// WiSE (Wortsman et al. 2022): sets everything below the head to alpha * trained + (1 - alpha) * source, including running statistics.
void interpolate(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, double alpha);

}  // namespace graft::train
