// The learning rate over a run: pure functions of progress, so that a resumed run needs no state of theirs.
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
  double warmup = 0.1;  // part of the run in which the rate rises from 0 linearly; one_cycle and triangular have their own
  double gamma = 0.1;
  double step_epochs = 10;
  std::string milestones;  // epochs, "12,18"
  double peak = 0.3;       // part of the run
  double lr_end = 0;       // as a factor of the learning rate
  int plateau_patience = 5;

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Schedule");
    v("schedule", kind, "course of the learning rate over the run",
      names<ScheduleKind>{{"constant", ScheduleKind::constant},
                          {"step", ScheduleKind::step},
                          {"multi-step", ScheduleKind::multi_step},
                          {"exponential", ScheduleKind::exponential},
                          {"cosine", ScheduleKind::cosine},
                          {"one-cycle", ScheduleKind::one_cycle},
                          {"triangular", ScheduleKind::triangular},
                          {"plateau", ScheduleKind::plateau}});
    v("warmup", warmup, "fraction of the run during which the learning rate rises from 0; one-cycle and triangular have their own rise",
      between(0, 0.9));
    v("gamma", gamma, "factor of the learning rate for step, multi-step, exponential and plateau", between(0.0001, 1));
    v("step-epochs", step_epochs, "epochs from one step to the next", above(0));
    v("milestones", milestones, "epochs at which multi-step lowers the learning rate", Placeholder{"E,E,..."}, MayBeEmpty{});
    v("peak", peak, "where in the run one-cycle and triangular reach their peak", between(0.01, 0.99));
    v("lr-end", lr_end, "final learning rate of cosine and one-cycle, as a fraction of --lr", between(0, 1));
    v("plateau-patience", plateau_patience, "epochs without improvement after which plateau lowers the learning rate", between(1, 1000));
  }
};

/// The factor of the learning rate at `progress` in [0, 1) of a run of `epochs`. Error (usage) for milestones that are no rising list of numbers.
double lr_factor(const Schedule& schedule, double progress, double epochs);

/// "12,18" as numbers. Error (usage) with the text.
std::vector<double> parse_milestones(std::string_view text);

}  // namespace graft::transfer
