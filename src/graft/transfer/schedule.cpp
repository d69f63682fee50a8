#include "graft/transfer/schedule.h"

#include <cmath>
#include <numbers>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::transfer {
namespace {

constexpr double kCycleStart = 1.0 / 25;  // Smith & Topin's and fastai's
constexpr double kSlantRatio = 32;        // ULMFiT's

/// From 1 at 0 to 0 at 1.
double half_cosine(double x) { return 0.5 * (1 + std::cos(std::numbers::pi * x)); }

double between_factors(double from, double to, double x) { return to + (from - to) * half_cosine(x); }

double shape(const Schedule& s, double progress, double epochs) {
  switch (s.kind) {
    case ScheduleKind::constant:
    case ScheduleKind::plateau: return 1;
    case ScheduleKind::step: return std::pow(s.gamma, std::floor(progress * epochs / s.step_epochs));
    case ScheduleKind::multi_step: {
      double factor = 1;
      for (const double at : parse_milestones(s.milestones))
        if (progress * epochs >= at) factor *= s.gamma;
      return factor;
    }
    case ScheduleKind::exponential: return std::pow(s.gamma, std::floor(progress * epochs));
    case ScheduleKind::cosine: return between_factors(1, s.lr_end, progress);
    case ScheduleKind::one_cycle:
      if (progress < s.peak) return between_factors(kCycleStart, 1, progress / s.peak);
      return between_factors(1, s.lr_end, (progress - s.peak) / (1 - s.peak));
    case ScheduleKind::triangular: {
      const double height = progress < s.peak ? progress / s.peak : 1 - (progress - s.peak) / (1 - s.peak);
      return (1 + height * (kSlantRatio - 1)) / kSlantRatio;
    }
  }
  return 1;
}

}  // namespace

std::vector<double> parse_milestones(std::string_view text) {
  std::vector<double> epochs;
  if (text.empty()) return epochs;
  for (const std::string& word : split(text, ',')) {
    std::size_t used = 0;
    double epoch = -1;
    try {
      epoch = std::stod(word, &used);
    } catch (const std::exception&) {}
    const bool rises = epoch > (epochs.empty() ? 0 : epochs.back());
    if (used != word.size() || !rises || !std::isfinite(epoch))
      throw usage_error("--milestones " + printable(text), "expected increasing epochs", "for instance --milestones 12,18");
    epochs.push_back(epoch);
  }
  return epochs;
}

double lr_factor(const Schedule& schedule, double progress, double epochs) {
  const bool own_rise = schedule.kind == ScheduleKind::one_cycle || schedule.kind == ScheduleKind::triangular;
  if (!own_rise && progress < schedule.warmup) return progress / schedule.warmup * shape(schedule, 0, epochs);
  if (own_rise || schedule.kind != ScheduleKind::cosine || schedule.warmup <= 0) return shape(schedule, progress, epochs);
  return shape(schedule, (progress - schedule.warmup) / (1 - schedule.warmup), epochs);  // the cosine begins behind the rise
}

void Schedule::fields(FieldList& v) {
  v.group("Schedule");
  v("schedule", kind, "course of the learning rate over the run",
    names<ScheduleKind>{{"constant", ScheduleKind::constant},
                        {"step", ScheduleKind::step},
                        {"multi-step", ScheduleKind::multi_step},
                        {"exponential", ScheduleKind::exponential},
                        {"cosine", ScheduleKind::cosine},
                        {"one-cycle", ScheduleKind::one_cycle},
                        {"triangular", ScheduleKind::triangular},
                        {"plateau", ScheduleKind::plateau}},
    BySteps{});
  v("warmup", warmup, "fraction of the run during which the learning rate rises from 0; one-cycle and triangular have their own rise",
    between(0, 0.9), BySteps{});
  v("gamma", gamma, "factor of the learning rate for step, multi-step, exponential and plateau", between(0.0001, 1), BySteps{});
  v("step-epochs", step_epochs, "epochs from one step to the next", above(0), BySteps{});
  v("milestones", milestones, "epochs at which multi-step lowers the learning rate", Placeholder{"E,E,..."}, MayBeEmpty{}, BySteps{});
  v("peak", peak, "where in the run one-cycle and triangular reach their peak", between(0.01, 0.99), BySteps{});
  v("lr-end", lr_end, "final learning rate of cosine and one-cycle, as a fraction of --lr", between(0, 1), BySteps{});
  v("plateau-patience", plateau_patience, "epochs without improvement after which plateau lowers the learning rate", between(1, 1000), BySteps{});
}

}  // namespace graft::transfer
