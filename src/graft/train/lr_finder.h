// Finds the initial learning rate by short training runs with an increasing rate (Smith 2017, "Cyclical learning rates", 3.3), made robust against
// chance.
//
// The loss of a single batch depends more on the batch than on the rate. So each batch is evaluated twice, with the current weights of the sweep
// and with the initial ones, with the same augmentation and the same dropout: the difference is the effect of training alone. Several sweeps
// begin with the same weights and see different batches; the answer is what they agree on, and their spread tells whether there is an answer.
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
  clear,    // the loss falls, and the sweeps agree at which rates
  learnt,   // before the first step, the loss is already less than a tenth of that of guessing: there is little left to learn
  no_fall,  // it never falls by more than chance explains
};

struct LrCurve {
  std::vector<LrPoint> points;              // rates spaced by a constant factor: mean loss of the sweeps and smoothed loss, as far as any sweep came
  std::vector<std::vector<double>> sweeps;  // the loss of each sweep at these rates, as far as it came
  double start = 0, guessing = 0;           // the mean loss before the first step, and that of an uninformed guess
  LrAnswer answer = LrAnswer::no_fall;
  double suggestion = 0;  // 0 if there is no clear answer
  double fall = 0;        // how far the smoothed loss has fallen at the suggestion, as a fraction of `start`
  double diverges = 0;    // rate at which the median sweep was ended because its loss had grown by 4 times that of guessing; 0: none was
  bool operator==(const LrCurve&) const = default;
};

/// The measurements: for each sweep and rate, how much higher the loss of a batch was than with the initial weights. A sweep that diverged has no
/// values from that rate on.
struct LrSweeps {
  std::vector<double> rates;
  std::vector<std::vector<double>> changes;
  double start = 0, guessing = 1;
};

/// The smoothed change at a rate is the median over all sweeps at this rate and its two neighbors. The suggestion is the first rate where it has
/// fallen by a tenth of `start`, or by half of its deepest fall if that is less: in the middle of the fall, where the curve is steep and all sweeps
/// are alike, not at the bottom, where they differ. At the five rates before it nearly every value of every sweep must be below 0 (a sign test, 2 %),
/// and around it the mean must be below 0 by 2 standard errors, estimated from the spread of the sweeps. So at least two sweeps are needed.
LrCurve judge_sweeps(const LrSweeps& sweeps);

inline constexpr int kLrDecades = 6, kLrSteps = 4;  // decades of rates; steps in each decade

/// The cost of a search: the number of sweeps, and their maximum number of steps. Each step evaluates its batch once more, for a third of its cost.
struct LrEffort {
  int sweeps, steps;
};
/// Three sweeps if these do not take much longer than two epochs of these samples, else two.
LrEffort lr_effort(std::size_t samples, const TrainConfig& config);

/// Sweeps over rates from 1e-5 to 10, or from 1e-6 to 1 for Adam, AdamW and RMSprop, whose steps are about as large as the rate; batches come in
/// the order of training. Works on a copy: the graph is not changed, and the same arguments give the same result, byte for byte. `progress` is
/// called with the number of steps just done. Error as train(), and for SHOT, which has no labels yet; Interrupted after a stop.
LrCurve find_lr(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams,
                const std::function<bool()>& stop = {}, const std::function<void(std::size_t steps)>& progress = {});

}  // namespace graft::train
