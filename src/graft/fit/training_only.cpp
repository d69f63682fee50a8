#include "graft/fit/training_only.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::fit {
namespace {

constexpr std::array kGroups = {"Strategy", "Training", "Schedule", "Loss", "Regularisation", "Stopping", "Distillation", "Augmentation"};
/// Of these: what the solved head knows, too, what has an error of its own, and what changes nothing.
constexpr std::array kOthers = {"strategy", "unfreeze", "imbalance", "effective-beta", "checkpoint-minutes"};

bool is_of_training(const Field& field, const FitConfig& config) {
  if (field.name == "imbalance")
    return config.training.imbalance == train::Imbalance::balanced_softmax || config.training.imbalance == train::Imbalance::sampling;
  return std::ranges::find(kGroups, field.group) != kGroups.end() && std::ranges::find(kOthers, field.name) == kOthers.end();
}

TrainingOption training_option_of(const Field& field) {
  const OptionValue value = field.value();
  if (const bool* on = std::get_if<bool>(&value)) return {field.name, fmt::format("--{}{}", *on ? "" : "no-", field.name)};
  return {field.name, fmt::format("--{} {}", field.name, printable(graft::text_of(value)))};
}

}  // namespace

std::vector<TrainingOption> training_only(const FitConfig& config) {
  FitConfig given = config, plain;
  const std::vector<Field> fields = list_fields(given), defaults = list_fields(plain);
  std::vector<TrainingOption> list;
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (is_of_training(fields[i], config) && fields[i].value() != defaults[i].value()) list.push_back(training_option_of(fields[i]));
  return list;
}

void check_training_only(const Configured<FitConfig>& config) {
  if (config.values.by_steps()) return;
  const auto by_flag = [&](const std::string& name) { return origin_of(config.origins, name).source == Source::flag; };
  const auto refuse = [](const TrainingOption& option) {
    throw usage_error(option.text, "is for training by steps, and --strategy head is solved for",
                      "choose --strategy partial or full, or --solver steps");
  };
  for (const TrainingOption& option : training_only(config.values))
    if (by_flag("strategy") || by_flag(option.name)) refuse(option);
  FitConfig given = config.values;
  for (const Field& field : list_fields(given))
    if (is_of_training(field, given) && by_flag(field.name)) refuse(training_option_of(field));
}

}  // namespace graft::fit
