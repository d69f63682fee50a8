#include "graft/fit/job/option_rules.h"

#include "graft/base/error.h"
#include "graft/eval/scores.h"
#include "graft/train/train.h"

namespace graft::fit {
namespace {

/// Of the options that are not as by default, those for whose value the rule holds.
template <class Use>
void for_each_set(const FitConfig& config, ForValues Field::*rule, const Use& use) {
  FitConfig given = config, plain = config.plain();
  const std::vector<Field> fields = list_fields(given), defaults = list_fields(plain);
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (const OptionValue value = fields[i].value(); (fields[i].*rule).holds_for(value) && value != defaults[i].value()) use(fields[i]);
}

}  // namespace

std::vector<TrainingOption> training_only(const FitConfig& config) {
  std::vector<TrainingOption> list;
  for_each_set(config, &Field::by_steps, [&](const Field& field) { list.push_back({field.name, field.as_flag()}); });
  return list;
}

void check_training_only(const Configured<FitConfig>& config) {
  if (config.values.by_steps()) return;
  const auto by_flag = [&](const std::string& name) { return origin_of(config.origins, name).source == Source::flag; };
  const auto refuse = [&](const std::string& option) {
    if (config.values.adapt.asked) throw usage_error(option, "is for a method that trains by steps", "choose one, such as --method mcc, or omit it");
    throw usage_error(option, "is for training by steps, but --strategy head is solved", "choose --strategy partial or full, or --solver steps");
  };
  for (const TrainingOption& option : training_only(config.values))
    if (by_flag("strategy") || by_flag(option.name)) refuse(option.text);
  FitConfig given = config.values;
  for (const Field& field : list_fields(given))
    if (field.by_steps.holds_for(field.value()) && by_flag(field.name)) refuse(field.as_flag());
}

void check_task(Configured<FitConfig>& config, const data::Task& task) {
  const train::TrainConfig& training = config.values.training;
  const std::string stop = "--stop-metric " + training.stop_metric;
  if (training.stop_score() != train::kInformation) eval::check_score(task, training.stop_score(), stop);
  else if (!config.values.adapt.asked) throw usage_error(stop, "is for graft adapt: it is of photos of a target", "choose val-loss");
  if (data::one_class_each(task)) return;
  for_each_set(config.values, &Field::one_class_only, [](const Field& field) {
    throw usage_error(field.as_flag(), "is for photos of one class each, but some of these have several", field.one_class_hint);
  });
  if (training.imbalance == train::Imbalance::automatic) choose(config, "imbalance", train::Imbalance::none, "photos have several classes");
}

}  // namespace graft::fit
