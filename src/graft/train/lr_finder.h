// Which learning rate to begin with, by short trainings at ever higher ones (Smith 2017, "Cyclical learning rates", 3.3), made so that chance does not
// choose.
//
// The loss of one batch tells more about the batch than about the rate. So each batch is looked at twice, with the weights a sweep has come to and with
// those it began with, in the same view, with the same dropout: only what training changed is left. Several sweeps begin at the same weights and see other
// batches; what they agree in is the answer, how far they disagree says whether there is one.
#pragma once

#include <functional>
#include <vector>

#include "graft/train/train.h"

namespace graft::train {

struct LrPoint {
  double lr = 0, loss = 0, smoothed = 0;
  bool operator==(const LrPoint&) const = default;
};

enum class LrAnswer {
  clear,    // the loss falls, and the sweeps agree where
  learnt,   // the loss is less than a tenth of guessing's before the first step: little is left to fall
  no_fall,  // it never falls beyond chance
};

struct LrCurve {
  std::vector<LrPoint> points;              // rising by the same factor: the sweeps' mean and the smoothed loss, as far as one of them came
  std::vector<std::vector<double>> sweeps;  // the loss of each at these rates, as far as it came
  double start = 0, guessing = 0;           // the mean loss before the first step, and that of an answer that knows nothing
  LrAnswer answer = LrAnswer::no_fall;
  double suggestion = 0;  // 0 where there is no clear answer
  double fall = 0;        // of the smoothed loss there, as a part of `start`
  double diverges = 0;    // the rate at which the middle one of the sweeps was ended, as its loss had grown by 4 times guessing's; 0: none was
  bool operator==(const LrCurve&) const = default;
};

/// What sweeps saw: by sweep and rate, how much higher the loss of a batch was than with the weights at the beginning. No value is kept from the rate on
/// at which a sweep diverged.
struct LrSweeps {
  std::vector<double> rates;
  std::vector<std::vector<double>> changes;
  double start = 0, guessing = 1;
};

/// The smoothed change at a rate is the median of all sweeps' at it and its two neighbours. The suggestion is the first rate where that has fallen by a
/// tenth of `start`, or by half of its deepest fall where that is less: in the middle of the fall, where it is steep and every sweep's alike, not at its
/// bottom, where they differ. At the five rates before it nearly every number of every sweep must lie below 0 (a sign test, 2 %), and around it the mean
/// by 2 standard errors, which the difference between sweeps tells. So it takes at least two sweeps.
LrCurve judge_sweeps(const LrSweeps& sweeps);

inline constexpr int kLrDecades = 6, kLrSteps = 4;  // of rates; in each of them

/// What a search takes: sweeps of at most so many steps, each with another look at its batch, which costs a third of a step.
struct LrEffort {
  int sweeps, steps;
};
/// Three sweeps where that is not much longer than two epochs of these samples, else two.
LrEffort lr_effort(std::size_t samples, const TrainConfig& config);

/// Sweeps over rates from 1e-5 to 10, of Adam, AdamW and RMSprop, whose steps are of the rate's own size, from 1e-6 to 1; batches in the order of a
/// training. Works on a copy: the graph stays as it is, and the same arguments give the same bytes. `progress` is called with the sweep, and its steps just
/// done. Error as train(), and for SHOT, which has no labels yet; Interrupted after a stop.
LrCurve find_lr(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams,
                const std::function<bool()>& stop = {}, const std::function<void(std::size_t steps)>& progress = {});

}  // namespace graft::train
