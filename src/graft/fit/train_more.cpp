#include "graft/fit/train_more.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/eval/scores.h"
#include "graft/fit/job/unlabeled.h"
#include "graft/fit/more/activations.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"
#include "graft/fit/more/trial.h"
#include "graft/fit/run/training_log.h"
#include "graft/fit/run/unfinished.h"
#include "graft/graph/bottleneck.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace fs = std::filesystem;

RemoveUnlessCheckpointed::RemoveUnlessCheckpointed(fs::path run)
    : run_(std::move(run)), made_parent_(run_.has_parent_path() && !fs::exists(run_.parent_path())) {}

RemoveUnlessCheckpointed::~RemoveUnlessCheckpointed() {
  if (finished_) return;
  std::error_code ignored;
  const fs::path folder = checkpoint_folder(run_);
  for (const char* worth : {"state", "state.previous", "state.source", "state.source.previous", "state.without", "state.without.previous", "trial"})
    if (fs::exists(folder / worth, ignored)) return;
  fs::remove_all(folder, ignored);
  fs::remove_all(run_ / "tensorboard", ignored);
  fs::remove(run_, ignored);
  if (made_parent_) fs::remove(run_.parent_path(), ignored);  // fails where another run has come in meanwhile
}

Configured<FitConfig> as_asked(Configured<FitConfig> config) {
  config.values.accept_changes = false;  // was for this time
  config.origins.erase("accept-changes");
  return config;
}

void begin_or_go_on(const Job& job, const Photos& photos, const std::map<std::string, std::string>& also, Start& start) {
  const FitConfig& c = job.config.values;
  train::TrainConfig options = c.training;
  options.threads = c.threads;
  auto now = identity(job.config, job.pretrained.graph, photos.train, photos.val);
  now.merge(train::library().machine(options));
  now.insert(also.begin(), also.end());
  if (is_decided(c) && !c.accept_changes) return check_unchanged(*c.out, start.identity, now);
  start.identity = std::move(now);
  write_start(*c.out, as_asked(job.config), start);
  forget_computed(*c.out);
}

namespace {

/// As activations of a training that freezes all below the bottleneck and sees the photos as they are: the frozen network has been asked about them already.
void keep_features(const Domains& seen, const fs::path& folder) {
  for (const auto& [file, rows] : {std::pair{"activations", &seen.source},
                                   {"activations.val", &seen.val},
                                   {"activations.target", &seen.target},
                                   {"activations.test", &seen.test}}) {
    if (rows->labels.empty() || fs::exists(folder / file)) continue;
    Activations::store(folder / file, rows->labels.size(), rows->width, false, rows->labels.size(),
                       [&](std::size_t, std::size_t, std::span<float> out) { std::ranges::copy(rows->values, out.begin()); });
  }
}

/// The part of the rows of logits whose class is sure, and counts the classes.
double sure_of(const std::vector<float>& logits, std::vector<std::size_t>& labels) {
  std::vector<float> probabilities = logits;
  const std::size_t classes = labels.size();
  eval::to_probabilities(data::SingleLabel{}, probabilities, classes);
  std::size_t sure = 0;
  for (std::size_t i = 0; i < probabilities.size(); i += classes) {
    const auto row = std::span(probabilities).subspan(i, classes);
    const auto best = std::ranges::max_element(row);
    ++labels[static_cast<std::size_t>(best - row.begin())];
    sure += *best >= kSureAnswer ? 1 : 0;
  }
  return static_cast<double>(sure) / static_cast<double>(probabilities.size() / classes);
}

/// `without` null: not compared.
FromUnlabeled compared_with(const Job& job, const Photos& photos, const FineTuned* without, const FineTuned& tuned) {
  FromUnlabeled found{.photos = job.unlabeled.size(),
                      .in_training = job.unlabeled_in_training,
                      .ways = {{.name = "none"}, {.name = "fixmatch"}},
                      .classes = job.splits.classes,
                      .train_images = data::images_per_class(photos.train, job.splits.classes.size())};
  UnlabeledWay& way = found.ways.back();
  way.labels.resize(found.classes.size());
  found.sure = sure_of(tuned.unlabeled_logits, way.labels);
  for (std::size_t k = 0; k < way.labels.size(); ++k)
    if (way.labels[k] == 0) found.warnings.push_back(fmt::format("no photo without a label is taken for {}", printable(found.classes[k])));
  if (without == nullptr) return found;
  const std::vector<int> labels = data::labels_of(photos.val);
  const std::vector<float> plain = at_best_temperature(without->val_logits, labels), with = at_best_temperature(tuned.val_logits, labels);
  const eval::Truth truth{.task = job.splits.task, .rows = labels.size(), .labels = labels};
  const Trial trial = fit::compare(with, plain, truth);
  found.judges = "validation photos";
  found.judged_on = labels.size();
  found.ways.front().accuracy = trial.head_accuracy;
  way.accuracy = trial.accuracy;
  way.gain = trial.gain;
  way.gain_error = trial.gain_error;
  return found;
}

Outcome outcome_of(const Job& job, FineTuned tuned) {
  const int epochs = static_cast<int>(tuned.epochs.size());
  return {.network = deployed(job, std::move(tuned.network)),
          .val_logits = std::move(tuned.val_logits),
          .train_accuracy = tuned.epochs.back().train_accuracy,
          .times = std::move(tuned.times),
          .epochs = epochs,
          .kept_epoch = tuned.kept_epoch + 1,
          .target_logits = std::move(tuned.target_logits),
          .test_logits = std::move(tuned.test_logits),
          .history = std::move(tuned.epochs)};
}

}  // namespace

namespace {

/// With photos without labels: unless the method was named, first a training without them, and whichever is better on the validation photos becomes the
/// model. The phase of that one is the last.
Outcome with_unlabeled(Job& job, const Photos& photos, Start& start, Training training, const std::function<FineTuned(const Training&)>& run) {
  const bool named = job.config.values.unlabeled.method == SemiMethod::fixmatch;
  const auto validated = [&](const FineTuned& tuned) {
    start.phases.back()["val_accuracy"] = tuned.epochs[static_cast<std::size_t>(tuned.kept_epoch)].val_accuracy;
  };
  std::optional<FineTuned> without;
  if (!named) {
    Training alone = training;
    alone.state = "state.without";
    alone.observe = nullptr;
    without = run(alone);
    validated(*without);
    job.note("trained without the photos that have no labels; now with them");
  }
  training.unlabeled = &job.unlabeled;
  FineTuned tuned = run(training);
  validated(tuned);
  FromUnlabeled found = compared_with(job, photos, without ? &*without : nullptr, tuned);
  choose_way(found, named, UnlabeledWay::kSure);
  if (named) found.reason = "you asked for it";
  if (found.chosen == 0) {
    found.sure = std::numeric_limits<double>::quiet_NaN();  // of a model that was not asked
    std::swap(start.phases[start.phases.size() - 1], start.phases[start.phases.size() - 2]);
  }
  Outcome outcome = outcome_of(job, found.chosen == 0 ? std::move(*without) : std::move(tuned));
  outcome.unlabeled = std::move(found);
  return outcome;
}

}  // namespace

Outcome train_more(Job& job, const Photos& photos, const PhotoGroups& by_attribute, Start& start, std::optional<RemoveUnlessCheckpointed>& guard,
                   const Domains* seen) {
  FitConfig& c = job.config.values;
  data::Attribute group;  // with --balance-groups dro
  if (c.balance_groups == BalanceGroups::dro) group = with_classes(by_attribute.train, data::labels_of(photos.train), job.splits.classes);
  graph::Graph network = begun(job, start);
  transfer::Plan plan = plan_of(job.config, network);
  if (!is_decided(c)) guard.emplace(*c.out);
  std::map<std::string, std::string> also;
  if (!group.of.empty()) also["groups of the training photos"] = hash128(std::as_bytes(std::span(group.of))).hex().substr(0, 8);
  if (c.adapt.asked) also["target photos"] = photos_of(job.target, c.threads);
  if (c.unlabeled.folder) also["photos without labels"] = photos_of(job.unlabeled, c.threads);
  begin_or_go_on(job, photos, also, start);
  const bool of_features = plan.first_trainable == graph::first_new_stage(network) && !data::of(c.augment, c.augment_options).any();
  if (seen != nullptr && of_features) keep_features(*seen, checkpoint_folder(*c.out));
  Training training{.network = network,
                    .preprocess = job.preprocess,
                    .train = photos.train,
                    .val = photos.val,
                    .task = job.splits.task,
                    .precision = c.precision,
                    .source = &job.pretrained.graph,
                    .groups = group.of};
  const auto run = [&](const Training& asked) {
    FineTuned tuned = fine_tune(job.config, plan, asked, *c.out, start.identity, job.pool, job.listener);
    start.phases.push_back(to_json(tuned, plan));
    if (seen != nullptr)
      start.phases.back()["val_accuracy"] = tuned.epochs[static_cast<std::size_t>(tuned.kept_epoch)].val_accuracy;  // it may not become the model
    return tuned;
  };
  TrainingLog log(job, c.adapt.alone ? job.target : photos.train, start.phases);
  const auto observe = [&](const train::EpochRecord& e) { log.epoch(e); };
  if (c.adapt.training() == train::Adaptation::shot) {
    training.state = "state.source";
    std::optional<FineTuned> source;
    if (!c.adapt.alone) source = run(training);
    plan = transfer::with_frozen_head(plan);
    if (source) job.note("the source has been learned; from here on the target's photos alone are seen");
    const Training on_target{.network = source ? source->network : network,
                             .preprocess = job.preprocess,
                             .train = job.target,
                             .val = photos.val,
                             .task = job.splits.task,
                             .precision = c.precision,
                             .observe = observe,
                             .source = &job.pretrained.graph,
                             .adapt = train::Adaptation::shot,
                             .target = &job.target,
                             .target_test = &job.target_test};
    Outcome outcome = outcome_of(job, run(on_target));
    if (source) outcome.train_accuracy = source->epochs.back().train_accuracy;
    return outcome;
  }
  training.observe = observe;
  if (seen != nullptr) {
    training.adapt = c.adapt.training();
    training.target = &job.target;
    training.target_test = &job.target_test;
  }
  if (c.unlabeled.folder) return with_unlabeled(job, photos, start, training, run);
  FineTuned tuned = run(training);
  for (std::size_t g = 0; g < tuned.group_weights.size(); ++g) start.phases.back()["group_weights"][group.values[g]] = tuned.group_weights[g];
  return outcome_of(job, std::move(tuned));
}

}  // namespace graft::fit
