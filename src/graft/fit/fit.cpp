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
#include "graft/fit/adapt_run.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/look_over.h"
#include "graft/fit/more/unlabeled_head.h"
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
#include "graft/fit/train_more.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

FitResult adapt_alone(Job& job, std::optional<AtomicFolder>& folder, const Cost& cost) {
  const FitConfig& c = job.config.values;
  open_run(job);
  std::optional<RemoveUnlessCheckpointed> guard;
  FitResult
      result{.run = *c.out, .strategy = *c.strategy, .evaluation = {}, .train_accuracy = 0, .train_images = 0, .val_images = 0, .unreadable = 0};
  adapt_run(job, guard, folder, result);
  write_cost(folder->path(), cost, c.threads);
  check_interrupted();
  folder->commit();
  if (guard) guard->finish();
  return result;
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
  if (c.adapt.alone) return adapt_alone(job, folder, cost);
  open(job);
  auto [start, photos, report, found] = prepare(job);
  const bool training = c.by_steps();
  if (training || is_unfinished(*c.out)) folder.reset();
  const PhotoGroups by_attribute = groups_of(job, start.unreadable);
  const std::shared_ptr<const Domains> domains = c.adapt.asked ? domains_of(job, *found) : nullptr;
  std::optional<FromUnlabeled> unlabeled;
  if (c.unlabeled.folder && training) prepare_unlabeled(job, photos, start);
  else if (c.unlabeled.folder) unlabeled = learn_from_unlabeled(job, photos, start, *found);
  const bool semi = unlabeled && unlabeled->chosen > 0;
  const Lacking missing = c.adapt.asked ? look_for_missing(job, *found, domains) : Lacking{.told = true};
  Outcome outcome = training ? train_more(job, photos, by_attribute, start, guard, domains.get()) : head_only(job, *found);
  if (outcome.unlabeled) unlabeled = std::move(outcome.unlabeled);
  const std::optional<graph::HeadInput> input = training ? std::nullopt : std::optional(found->input);
  Probe* head = training ? nullptr : &*found;  // what the outcome's last layer sees, where that is known
  std::optional<BalancedGroups> balanced;
  std::optional<LastLayerRows> rows;
  if (c.balance_groups == BalanceGroups::dfr) balanced = balance_groups(job, start, photos, by_attribute, head, outcome, rows);
  std::optional<Adapted> adapted;
  if (c.adapt.asked) {
    adapted = adapt(job, photos, *found, domains, missing, outcome, start);
    head = adapted->found.chosen == 0 ? &*found : nullptr;
  }
  FoundRules trust = find_rules(job, start, photos, head, outcome);
  const LastLayer seen = last_layer(job, photos, head, rows, outcome);
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
  if (unlabeled) files.card.provenance["unlabeled"] = provenance_of(job, *unlabeled);
  files.reweighting = start.reweighting;
  files.doctor = doctor_record(report, job);
  files.sources = start.sources;
  files.trust = std::move(trust.history);
  std::vector<Hash128> learned(start.hashes.begin(), start.hashes.begin() + static_cast<std::ptrdiff_t>(photos.train.size()));
  if (unlabeled && unlabeled->chosen > 0)
    for (const data::Sample& photo : job.unlabeled) learned.push_back(job.unlabeled_hashes.at(photo.path));
  files.trained_on = artifact::with_earlier(std::move(learned), c.from);
  std::optional<RunReport> page;
  if (c.report != ReportKind::none && !c.in_study) page.emplace(*c.out, photos.val);
  const artifact::Predictions predictions =
      write_checked(job, start, photos, adapted || semi ? std::nullopt : input, files, outcome, folder->path(), page ? page->each_photo() : nullptr);
  write_known_photos(folder->path(), *c.out, seen, files.card);
  if (adapted) write_adaptation(job, files.card, folder->path(), *adapted);

  const std::vector<int> labels = data::labels_of(photos.val);
  const std::vector<float> targets = data::targets_of(job.splits.task, photos.val, job.splits.classes.size());
  std::vector<std::string> groups;
  for (const data::Sample& sample : photos.val) groups.push_back(sample.group);
  FitResult result{.run = *c.out,
                   .strategy = adapted && !adapted->by_steps ? transfer::Kind::head : *c.strategy,
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
  result.unlabeled = std::move(unlabeled);
  start.phases.back()["val_accuracy"] = eval::value_of(result.evaluation, "accuracy");
  if (!training || (adapted && !adapted->by_steps)) start.phases.back()["train_accuracy"] = result.train_accuracy;
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
