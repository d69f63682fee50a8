// The learning rate over a run: pure functions of progress, so a resumed run needs no state for them.
// plateau, which goes by what was measured so far, is constant here; train::judge() has its factor.
#pragma once

#include <string_view>
#include <vector>

#include "graft/base/config.h"

namespace graft::transfer {

enum class ScheduleKind {
  constant,
  step,         // times `gamma` every `step_epochs`
  multi_step,   // times `gamma` at each of `milestones`
  exponential,  // times `gamma` every epoch
  cosine,       // half a cosine to `lr_end` (Loshchilov & Hutter 2017)
  one_cycle,    // up from 1/25 to the peak at `peak`, cosine both ways, down to `lr_end` (Smith & Topin 2018)
  triangular,   // slanted: linear up to the peak at `peak`, linear down to 1/32 (Howard & Ruder 2018)
  plateau,      // times `gamma` after `plateau_patience` epochs without a better validation (PyTorch's ReduceLROnPlateau)
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::cosine;
  double warmup = 0.1;  // fraction of the run in which the rate rises linearly from 0; one_cycle and triangular have their own
  double gamma = 0.1;
  double step_epochs = 10;
  std::string milestones;  // epochs, "12,18"
  double peak = 0.3;       // part of the run
  double lr_end = 0;       // as a factor of the learning rate
  int plateau_patience = 5;

  void fields(FieldList& v);
};

/// The factor of the learning rate at `progress` in [0, 1) of a run of `epochs`. Error (usage) for milestones that are not a rising list of numbers.
double lr_factor(const Schedule& schedule, double progress, double epochs);

/// "12,18" as numbers. Error (usage) with the text.
std::vector<double> parse_milestones(std::string_view text);

}  // namespace graft::transfer
