#include "graft/train/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::train {
namespace {

constexpr double kAbsurdLr = 1e3;

}  // namespace

void check(const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val) {
  const std::size_t count = samples.labels.size();
  if (count == 0) throw usage_error("training", "there are no samples to train on");
  if (static_cast<std::size_t>(config.batch) > count)
    throw usage_error(fmt::format("--batch {}", config.batch),
                      fmt::format("the training set has {} {}", with_commas(static_cast<long long>(count)), count == 1 ? "image" : "images"),
                      fmt::format("choose at most {}", count));
  const bool live = std::ranges::any_of(plan.stages, &transfer::StagePlan::batch_norm_live);
  if (live && config.batch == 1)
    throw usage_error("--batch 1", "batch norm that is live needs at least 2 images a step", "choose --batch 2 or more, or --batch-norm fixed");
  if (!(config.lr < kAbsurdLr)) throw usage_error(fmt::format("--lr {:g}", config.lr), fmt::format("expected below {:g}", kAbsurdLr));
  if (!val.labels.empty()) return;
  const char* fact = "there are no validation images to go by";
  if (config.patience > 0) throw usage_error(fmt::format("--patience {}", config.patience), fact, "leave it away, or hold images out");
  if (config.schedule.kind == transfer::ScheduleKind::plateau) throw usage_error("--schedule plateau", fact, "choose --schedule cosine");
}

}  // namespace graft::train
