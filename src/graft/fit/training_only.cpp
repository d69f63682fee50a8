#include "graft/fit/training_only.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::fit {

std::vector<TrainingOption> training_only(const FitConfig& config) {
  const train::TrainConfig &c = config.training, plain;
  std::vector<TrainingOption> list;
  const auto number = [&](const char* name, double value, double otherwise) {
    if (value != otherwise) list.push_back({name, fmt::format("--{} {:g}", name, value)});
  };
  if (c.loss == train::LossKind::focal) list.push_back({"loss", "--loss focal"});
  if (c.imbalance == train::Imbalance::balanced_softmax) list.push_back({"imbalance", "--imbalance balanced-softmax"});
  if (c.imbalance == train::Imbalance::sampling) list.push_back({"imbalance", "--imbalance sampling"});
  number("mixup", c.mixup, plain.mixup);
  number("cutmix", c.cutmix, plain.cutmix);
  number("l2-sp", c.l2_sp, plain.l2_sp);
  number("bss", c.bss, plain.bss);
  number("swa", c.swa, plain.swa);
  number("wise", c.wise, plain.wise);
  number("sam", c.sam, plain.sam);
  if (config.distill) list.push_back({"distill", "--distill " + printable(config.distill->string())});
  return list;
}

void check_training_only(const Configured<FitConfig>& config) {
  if (config.values.strategy != transfer::Kind::head) return;
  const auto by_flag = [&](const char* name) { return origin_of(config.origins, name).source == Source::flag; };
  for (const TrainingOption& option : training_only(config.values))
    if (by_flag("strategy") || by_flag(option.name))
      throw usage_error(option.text, "is for strategies that train more than the head", "choose --strategy partial or full");
}

}  // namespace graft::fit
