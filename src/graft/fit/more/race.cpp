#include "graft/fit/more/race.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/quantity.h"
#include "graft/base/text.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/parts.h"
#include "graft/fit/more/beginning.h"
#include "graft/fit/more/decide.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"
#include "graft/fit/more/trial_record.h"
#include "graft/fit/run/unfinished.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr double kHeldOutOfTrial = 0.25;
constexpr std::size_t kMostPhotos = 2000;  // photos
constexpr double kEpochs = 0.7;            // of those that the training proper has, but for few steps
constexpr double kLate = 0.6;              // part of a trial from which on it can fall behind for good
constexpr double kBehind = 3;              // standard errors

/// What all contenders of a race share.
struct Race {
  const Job& job;
  const Probe& found;
  const Photos& photos;
  std::vector<std::size_t> learnt, judged;  // rows of the training photos
  std::vector<data::Sample> train, val;
  std::vector<float> head;  // its logits on the judged ones
  double head_accuracy = 0;
  Rows judged_rows = {};
  double best_seconds = 0;  // that the training of the best until now takes
};

/// Logits that the log loss may judge: of one class each at their best temperature.
std::vector<float> comparable(data::SingleLabel /*task*/, std::span<const float> logits, const Rows& rows) {
  return at_best_temperature(logits, rows.labels);
}

std::vector<float> comparable(data::MultiLabel /*task*/, std::span<const float> logits, const Rows& /*rows*/) {
  return {logits.begin(), logits.end()};
}

std::vector<float> comparable(std::span<const float> logits, const Rows& rows) {
  return std::visit([&](const auto& task) { return comparable(task, logits, rows); }, rows.task);
}

/// "about 3 min".
std::string about(double seconds) {
  return seconds < 90 ? fmt::format("about {:.0f} s", std::max(5.0, 5 * std::round(seconds / 5))) : fmt::format("about {:.0f} min", seconds / 60);
}

/// A stop of the trial's own, because it cannot win any more.
class Watch {
 public:
  Watch(const Race& race, int epochs) : epochs_(epochs), lowest_(race.head_accuracy - kBehind * error(race)) {}
  void operator()(const train::EpochRecord& e) {
    if (e.epoch + 1 < epochs_ && e.epoch + 1 >= kLate * epochs_ && e.val_accuracy < lowest_) behind_ = e;
  }
  bool lost() const { return behind_.has_value(); }
  std::string reason() const {
    return fmt::format("stopped after {} of {} epochs, far behind the head alone: {:.3f} right", behind_->epoch + 1, epochs_, behind_->val_accuracy);
  }

 private:
  static double error(const Race& race) {
    return std::sqrt(2 * race.head_accuracy * (1 - race.head_accuracy) / static_cast<double>(race.judged.size()));
  }
  int epochs_;
  double lowest_;
  std::optional<train::EpochRecord> behind_;
};

/// What a training takes, seconds, by a few of its steps.
struct TrainingCost {
  double step, validation, frozen;  // of a photo: in an epoch, judged once an epoch, what is computed of it once

  double operator()(std::size_t train, std::size_t val, int epochs, std::size_t views) const {
    const auto photos = static_cast<double>(train), judged = static_cast<double>(val);
    return frozen * (photos * static_cast<double>(views) + judged) + (photos * step + judged * validation) * epochs;
  }
};

TrainingCost cost_of(const FitConfig& c, const transfer::Plan& plan, const Cut& parts, const Training& training, ThreadPool& pool) {
  const SampleStream live(training.train, training, data::of(c.augment, c.augment_options), c.seed, pool);
  const train::Streams streams{live.samples()};
  const train::Cost cost = train::library().measure(parts.trained, plan, options_of(c, training), parts.frozen ? nullptr : &streams);
  return {cost.step_seconds / c.training.batch, cost.validation_seconds / c.training.batch,
          parts.frozen ? seconds_per_view(*parts.frozen, parts.views, training, c, pool) : 0};
}

/// Why a contender does not fit into the budget; empty where it does. `training` is its own; a loser must leave time for the one that won before.
std::string beyond_budget(const Job& job, double trial, double training, double best_before) {
  const auto budget = budget_of(job.config.values);
  const double passed = job.seconds();
  if (!budget || passed + trial + std::max(training, best_before) <= *budget) return "";
  return fmt::format("does not fit into --budget {}: its trial takes {} and its training {}, after {}", *job.config.values.budget, about(trial),
                     about(training), duration_text(passed));
}

Trial try_one(Race& race, const Contender& contender, const fs::path& folder, const std::map<std::string, std::string>& identity) {
  Configured<FitConfig> config = race.job.config;
  FitConfig& c = config.values;
  c.strategy = contender.kind;
  c.plan.unfreeze = contender.unfreeze;
  if (contender.epochs) choose(config, "epochs", *contender.epochs, "of the contender");
  if (contender.lr) choose(config, "lr", *contender.lr, "of the contender");
  c.profile = false;
  Listener quiet{.note = [&](const std::string&) {}};
  Job trial{.config = config, .listener = quiet, .splits = race.job.splits, .pretrained = race.job.pretrained, .preprocess = race.job.preprocess};
  choose_recipe(trial);  // of the training proper, whose steps it goes by
  const int epochs = c.training.epochs;
  c.training.batch = std::min(c.training.batch, static_cast<int>(race.train.size()));
  // With few steps each of them counts: as many as the training proper has. They cost little.
  const bool few = steps_of(c, race.photos.train.size()) < kFewSteps;
  c.training.epochs = std::max(std::min(epochs, 3), static_cast<int>(std::lround((few ? 1 / (1 - kHeldOutOfTrial) : kEpochs) * epochs)));
  Start start;
  if (c.begin == Beginning::zero) start.head = zero_head(trial);
  if (c.begin == Beginning::solved) {
    Probe part{.train = rows_at(race.found.train, race.learnt), .input = race.found.input, .last_width = race.found.last_width};
    part.head = solve(trial, part.train);
    start.head = last_features_head(trial, part);
  }
  const graph::Graph network = begun(trial, start);
  const transfer::Plan plan = plan_of(config, network);
  Watch watch(race, c.training.epochs);
  const Training training{network,
                          trial.preprocess,
                          race.train,
                          race.val,
                          race.job.splits.task,
                          c.precision,
                          [&](const train::EpochRecord& e) { watch(e); },
                          &race.job.pretrained.graph,
                          [&] { return watch.lost(); }};
  fs::create_directories(checkpoint_folder(folder));
  try {
    const Cut parts = cut(c, plan, training);
    const TrainingCost cost = cost_of(c, plan, parts, training, trial.pool);
    const double seconds = cost(race.train.size(), race.val.size(), c.training.epochs, parts.views);
    const double proper = cost(race.photos.train.size(), race.photos.val.size(), epochs, parts.views);
    if (std::string why = beyond_budget(race.job, seconds, proper, race.best_seconds); !why.empty())
      return {.stopped = std::move(why), .failed = true, .too_long = true};
    race.job.note(fmt::format("trying {} on {} photos against the head alone, judged on {} others: {}", to_string(contender), race.train.size(),
                              race.val.size(), about(seconds)));
    const auto advance = race.job.begin("trial", race.train.size() * static_cast<std::size_t>(c.training.epochs));
    quiet.watch = [&](const std::string&, std::size_t) { return advance; };
    const FineTuned tuned = fine_tune(config, plan, training, folder, identity, trial.pool, quiet);
    Trial done = compare(comparable(tuned.val_logits, race.judged_rows), race.head, race.judged_rows.truth());
    done.training_seconds = proper;
    return done;
  } catch (const Interrupted&) {
    if (!watch.lost()) throw Interrupted();  // fit() says how to go on
    return {.stopped = watch.reason()};
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::usage) throw;
    // no memory for it, a loss that is no number: the head is there
    return {.stopped = "cannot be trained here: " + e.subject() + ": " + e.fact(), .failed = true};
  }
}

}  // namespace

std::size_t judged_of(std::size_t photos) { return static_cast<std::size_t>(kHeldOutOfTrial * static_cast<double>(std::min(photos, kMostPhotos))); }

std::vector<Trial> try_training(Job& job, const Probe& found, const Photos& photos, const std::vector<Contender>& contenders) {
  Race race{.job = job, .found = found, .photos = photos};
  std::tie(race.judged, race.learnt) = divide(job, photos.train, some_of(job, photos.train, kMostPhotos), kHeldOutOfTrial);
  race.train = at(photos.train, race.learnt);
  race.val = at(photos.train, race.judged);
  race.judged_rows = rows_at(found.train, race.judged);
  ThreadPool pool(job.config.values.threads);
  const head::LinearHead alone = solve(job.config.values, rows_at(found.train, race.learnt), job.classes(), pool);
  race.head = comparable(logits_of(alone, race.judged_rows), race.judged_rows);
  race.head_accuracy = compare(race.head, race.head, race.judged_rows.truth()).accuracy;
  TrialRecord record(job, photos);
  std::vector<Trial> trials;
  const auto tried = [&] { return std::ranges::any_of(trials, [](const Trial& t) { return !t.failed; }); };
  for (const Contender& contender : contenders) {
    if (!trials.empty() && contender.spare == tried()) continue;  // a variant of what cannot be trained cannot, either
    const std::size_t number = trials.size();
    if (const auto best = best_of(trials); best != trials.end()) race.best_seconds = best->training_seconds;
    std::optional<Trial> trial = record.found(number);
    if (!trial) {
      trial = try_one(race, contender, record.folder(number), record.identity());
      trial->contender = contender;
      trial->trained_on = race.train.size();
      trial->judged_on = race.val.size();
      trial->head_accuracy = race.head_accuracy;
      record.add(*trial);
    }
    job.note(to_string(*trial));
    trials.push_back(std::move(*trial));
  }
  return trials;
}

}  // namespace graft::fit
