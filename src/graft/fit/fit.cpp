#include "graft/fit/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "graft/artifact/chain.h"
#include "graft/artifact/model.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/fit/adapt/adapt.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/look_over.h"
#include "graft/fit/job/survey.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"
#include "graft/fit/prepare.h"
#include "graft/fit/run/balance_groups.h"
#include "graft/fit/run/checked.h"
#include "graft/fit/run/cost.h"
#include "graft/fit/run/rules.h"
#include "graft/fit/run/run_folder.h"
#include "graft/fit/run/run_place.h"
#include "graft/fit/run/run_report.h"
#include "graft/fit/run/strangers.h"
#include "graft/fit/run/training_log.h"
#include "graft/fit/run/unfinished.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

/// Leaves nothing of a training that never came to its first checkpoint.
class RemoveUnlessCheckpointed {
 public:
  explicit RemoveUnlessCheckpointed(fs::path run) : run_(std::move(run)), made_parent_(run_.has_parent_path() && !fs::exists(run_.parent_path())) {}
  ~RemoveUnlessCheckpointed() {
    if (finished_) return;
    std::error_code ignored;
    const fs::path folder = checkpoint_folder(run_);
    for (const char* worth : {"state", "state.previous", "trial"})
      if (fs::exists(folder / worth, ignored)) return;
    fs::remove_all(folder, ignored);
    fs::remove_all(run_ / "tensorboard", ignored);
    fs::remove(run_, ignored);
    if (made_parent_) fs::remove(run_.parent_path(), ignored);  // fails where another run has come in meanwhile
  }
  RemoveUnlessCheckpointed(const RemoveUnlessCheckpointed&) = delete;
  RemoveUnlessCheckpointed& operator=(const RemoveUnlessCheckpointed&) = delete;
  /// The run is whole: there is nothing to remove.
  void finish() { finished_ = true; }

 private:
  fs::path run_;
  bool made_parent_, finished_ = false;
};

/// The options as a run that goes on is to have them.
Configured<FitConfig> as_asked(Configured<FitConfig> config) {
  config.values.accept_changes = false;  // was for this time
  config.origins.erase("accept-changes");
  return config;
}

/// The run's folder with what its training begins from; of one to go on with, if all is as it was, or the changes are accepted.
void begin_or_go_on(const Job& job, const Photos& photos, std::span<const int> groups, Start& start) {
  const FitConfig& c = job.config.values;
  train::TrainConfig options = c.training;
  options.threads = c.threads;
  auto now = identity(job.config, job.pretrained.graph, photos.train, photos.val);
  now.merge(train::library().machine(options));
  if (!groups.empty()) now["groups of the training photos"] = hash128(std::as_bytes(groups)).hex().substr(0, 8);
  if (is_decided(c) && !c.accept_changes) return check_unchanged(*c.out, start.identity, now);
  start.identity = std::move(now);
  write_start(*c.out, as_asked(job.config), start);
  forget_computed(*c.out);
}

/// What the model has seen: `hashes` of this run's photos, and what the run that it began from had seen.
std::vector<Hash128> trained_on(const FitConfig& c, std::vector<Hash128> hashes) {
  if (c.from)
    if (const auto before = artifact::read_trained_on(*c.from)) hashes.insert(hashes.end(), before->begin(), before->end());
  return hashes;
}

Outcome train_more(Job& job, const Photos& photos, const PhotoGroups& by_attribute, Start& start, std::optional<RemoveUnlessCheckpointed>& guard) {
  FitConfig& c = job.config.values;
  data::Attribute group;  // with --balance-groups dro
  if (c.balance_groups == BalanceGroups::dro) group = with_classes(by_attribute.train, data::labels_of(photos.train), job.splits.classes);
  const graph::Graph network = begun(job, start);
  const transfer::Plan plan = plan_of(job.config, network);
  if (!is_decided(c)) guard.emplace(*c.out);
  begin_or_go_on(job, photos, group.of, start);
  TrainingLog log(job, photos.train, start.phases);
  const Training training{network,
                          job.preprocess,
                          photos.train,
                          photos.val,
                          job.splits.task,
                          c.precision,
                          [&](const train::EpochRecord& e) { log.epoch(e); },
                          &job.pretrained.graph,
                          {},
                          group.of};
  FineTuned tuned = fine_tune(job.config, plan, training, *c.out, start.identity, job.pool, job.listener);
  start.phases.push_back(to_json(tuned, plan));
  for (std::size_t g = 0; g < tuned.group_weights.size(); ++g) start.phases.back()["group_weights"][group.values[g]] = tuned.group_weights[g];
  return {deployed(job, std::move(tuned.network)), std::move(tuned.val_logits), tuned.epochs.back().train_accuracy, std::move(tuned.times),
          static_cast<int>(tuned.epochs.size()),   tuned.kept_epoch + 1};
}

FitResult fit_and_write(Configured<FitConfig>& config, const Listener& listener) {
  FitConfig& c = config.values;
  Cost cost{.resumed = c.resume.has_value()};
  if (c.resume) take_up(config);
  else settle_out(c, config.origins, listener);
  check_options(config);
  const Configured<FitConfig> asked = as_asked(config);
  Job job{.config = config, .listener = listener, .asked = &asked};
  std::optional<RemoveUnlessCheckpointed> guard;
  std::optional<AtomicFolder> folder;
  if (!c.resume) folder.emplace(*c.out);  // before the work, so that a place that cannot be written is known at once
  open(job);
  auto [start, photos, report, found] = prepare(job);
  const bool training = c.by_steps();
  if (training || is_unfinished(*c.out)) folder.reset();
  const PhotoGroups by_attribute = groups_of(job, start.unreadable);
  Outcome outcome = training ? train_more(job, photos, by_attribute, start, guard) : head_only(job, *found);
  const std::optional<graph::HeadInput> input = training ? std::nullopt : std::optional(found->input);
  Probe* const head = training ? nullptr : &*found;
  std::optional<BalancedGroups> balanced;
  std::optional<LastLayerRows> rows;
  if (c.balance_groups == BalanceGroups::dfr) balanced = balance_groups(job, start, photos, by_attribute, head, outcome, rows);
  std::optional<Adapted> adapted;
  if (c.adapt.asked) adapted = adapt(job, photos, *head, outcome);
  Probe* const seen_by = adapted && adapted->found.chosen > 0 ? nullptr : head;  // what the outcome's last layer sees, where that is known
  FoundRules trust = find_rules(job, start, photos, seen_by, outcome);
  const LastLayer seen = last_layer(job, photos, seen_by, rows, outcome);
  find_strangers(job, seen, trust);
  found.reset();

  if (!folder) folder.emplace(*c.out, AtomicFolder::Over::what_is_there);
  RunFiles files{.graph = outcome.network,
                 .card = {.labels = job.splits.classes,
                          .preprocess = job.preprocess,
                          .precision = c.precision,
                          .provenance = provenance(config, job.pretrained, job.splits, photos.train.size()),
                          .task = job.splits.task,
                          .trust = std::move(trust.rules)},
                 .val = photos.val,
                 .train = photos.train};
  if (c.from) files.card.provenance["from"] = artifact::link_to(*c.from, start.transfer);
  if (adapted) files.card.provenance["adaptation"] = provenance_of(job, adapted->found);
  files.reweighting = start.reweighting;
  files.doctor = doctor_record(report, job);
  files.sources = start.sources;
  files.trust = std::move(trust.history);
  files.trained_on = trained_on(c, {start.hashes.begin(), start.hashes.begin() + static_cast<std::ptrdiff_t>(photos.train.size())});
  std::optional<RunReport> page;
  if (c.report != ReportKind::none && !c.in_study) page.emplace(*c.out, photos.val);
  const artifact::Predictions predictions =
      write_checked(job, start, photos, adapted ? std::nullopt : input, files, outcome, folder->path(), page ? page->each_photo() : nullptr);
  write_known_photos(folder->path(), *c.out, seen, files.card);
  if (adapted) write_adaptation(job, files.card, folder->path(), *adapted);

  const std::vector<int> labels = data::labels_of(photos.val);
  const std::vector<float> targets = data::targets_of(job.splits.task, photos.val, job.splits.classes.size());
  std::vector<std::string> groups;
  for (const data::Sample& sample : photos.val) groups.push_back(sample.group);
  FitResult result{.run = *c.out,
                   .strategy = *c.strategy,
                   .evaluation = eval::measure({job.splits.task, photos.val.size(), labels, targets}, predictions.probabilities, job.splits.classes,
                                               {.threads = c.threads, .groups = groups}),
                   .train_accuracy = outcome.train_accuracy,
                   .train_images = photos.train.size(),
                   .val_images = photos.val.size(),
                   .unreadable = start.unreadable.size(),
                   .cached = start.cached,
                   .times = outcome.times,
                   .task = job.splits.task,
                   .classes = photos_per_class(job.splits.classes, photos.train, photos.val),
                   .epochs = outcome.epochs,
                   .kept_epoch = outcome.kept_epoch,
                   .leaked = leaked_images(report, photos, job.splits, predictions.probabilities),
                   .precision = files.card.precision};
  if (!by_attribute.val.empty()) result.groups = by_group(job, photos, by_attribute, predictions.probabilities);
  result.balanced = std::move(balanced);
  if (adapted) result.adaptation = std::move(adapted->found);
  start.phases.back()["val_accuracy"] = eval::value_of(result.evaluation, "accuracy");
  if (!training) start.phases.back()["train_accuracy"] = result.train_accuracy;
  c.resume.reset();  // so that the run's config.toml repeats it
  c.accept_changes = false;
  for (const char* name : {"resume", "accept-changes"}) config.origins.erase(name);
  write_records(folder->path(), config, files, start.phases, result, predictions);
  if (c.tensorboard) finish_events(folder->path(), training ? *c.out : "", job, photos.train, start.phases, result.evaluation);
  write_cost(folder->path(), cost, c.threads);
  if (page) page->write(folder->path(), job);
  check_interrupted();
  folder->commit();
  if (guard) guard->finish();
  return result;
}

}  // namespace

FitResult fit(Configured<FitConfig>& config, const Listener& listener) {
  try {
    return fit_and_write(config, listener);
  } catch (const Interrupted&) {
    const auto& out = config.values.out;
    if (!out || !is_unfinished(*out)) throw;
    throw Interrupted(fmt::format("continue with: graft {} --resume {}", config.values.adapt.asked ? "adapt" : "fit", shell_word(out->string())));
  }
}

}  // namespace graft::fit
