// Which learning rate to begin with, by a short training at ever higher ones (Smith 2017, "Cyclical learning rates", 3.3).
#pragma once

#include <vector>

#include "graft/train/train.h"

namespace graft::train {

struct LrPoint {
  double lr = 0, loss = 0, smoothed = 0;
  bool operator==(const LrPoint&) const = default;
};

struct LrCurve {
  std::vector<LrPoint> points;  // rising by the same factor
  double suggestion = 0;        // 0 where the loss never falls beyond chance, as from a head that was solved
  bool diverged = false;        // it ended because the loss grew to 4 times its least
  bool operator==(const LrCurve&) const = default;
};

/// Steps at rates from 1e-6 to 10, batches in the order of a training. The loss is smoothed by an average that forgets (0.9 a step, without the bias of
/// its start). The suggestion is where that falls most steeply: the middle of the seventh part of the curve up to its least whose straight line by
/// least squares over the logarithm of the rate falls most (fastai's "steep", over more than two points, so that noise does not choose).
/// Works on a copy: the graph stays as it is, and the same arguments give the same bytes. Error as train().
LrCurve find_lr(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, int steps = 100,
                const std::function<bool()>& stop = {});

/// The suggestion for such a curve.
double steepest(const std::vector<LrPoint>& points);

}  // namespace graft::train
