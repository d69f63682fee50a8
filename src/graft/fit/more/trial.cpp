#include "graft/fit/more/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/quantity.h"
#include "graft/base/text.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/paired.h"
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

constexpr double kHeldOut = 0.25;
constexpr std::size_t kMostPhotos = 2000;  // photos
constexpr double kEpochs = 0.7;            // of those that the training proper has
constexpr double kLate = 0.6;              // part of a trial from which on it can fall behind for good
constexpr double kBehind = 3;              // standard errors

/// What a photo's logits are worth: its log loss (of any number of classes: the mean over them), and whether every answer is right.
struct Score {
  double log_loss;
  bool right;
};

Score score_of_one(std::span<const float> logits, int label) {
  std::vector<float> row(logits.begin(), logits.end());
  eval::softmax(row, row.size());
  return {-std::log(std::max(row[static_cast<std::size_t>(label)], 1e-12F)), std::ranges::max_element(row) - row.begin() == label};
}

Score score_of_several(std::span<const float> logits, std::span<const float> targets) {
  Score score{0, true};
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const double toward = targets[k] > 0 ? logits[k] : -logits[k];
    score.log_loss += (std::max(-toward, 0.0) + std::log1p(std::exp(-std::abs(toward)))) / static_cast<double>(logits.size());
    score.right = score.right && (logits[k] >= 0) == (targets[k] > 0);
  }
  return score;
}

double mean_log_loss(std::span<const float> logits, std::span<const int> labels, double temperature) {
  const std::size_t classes = logits.size() / labels.size();
  std::vector<float> row(classes);
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t k = 0; k < classes; ++k) row[k] = static_cast<float>(logits[i * classes + k] / temperature);
    sum += score_of_one(row, labels[i]).log_loss;
  }
  return sum / static_cast<double>(labels.size());
}

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
};

std::vector<float> comparable(std::span<const float> logits, const Rows& rows) {
  return rows.targets.empty() ? at_best_temperature(logits, rows.labels) : std::vector<float>(logits.begin(), logits.end());
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
  const Shown live(training.train, training, data::of(c.augment, c.augment_options), c.seed, pool);
  const train::Streams streams{live.samples()};
  const train::Cost cost = train::library().measure(parts.trained, plan, options_of(c, training), parts.frozen ? nullptr : &streams);
  return {cost.step_seconds / c.training.batch, cost.validation_seconds / c.training.batch,
          parts.frozen ? seconds_per_view(*parts.frozen, parts.views, training, c, pool) : 0};
}

/// Why a contender does not fit into the budget; empty where it does.
std::string beyond_budget(const Job& job, double trial, double training) {
  const auto budget = budget_of(job.config.values);
  const double passed = job.seconds();
  if (!budget || passed + trial + training <= *budget) return "";
  return fmt::format("does not fit into --budget {}: its trial takes {} and its training {}, after {}", *job.config.values.budget, about(trial),
                     about(training), duration_text(passed));
}

Trial try_one(Race& race, const Contender& contender, const fs::path& folder, const std::map<std::string, std::string>& identity) {
  Configured<FitConfig> config = race.job.config;
  FitConfig& c = config.values;
  c.strategy = contender.kind;
  c.plan.unfreeze = contender.unfreeze;
  c.profile = false;
  Listener quiet{.note = [&](const std::string&) {}};
  Job trial{.config = config, .listener = quiet, .splits = race.job.splits, .pretrained = race.job.pretrained, .preprocess = race.job.preprocess};
  choose_recipe(trial);  // of the training proper, whose steps it goes by
  c.training.batch = std::min(c.training.batch, static_cast<int>(race.train.size()));
  c.training.epochs = std::max(std::min(c.training.epochs, 3), static_cast<int>(std::lround(kEpochs * c.training.epochs)));
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
                          c.precision,
                          [&](const train::EpochRecord& e) { watch(e); },
                          &race.job.pretrained.graph,
                          [&] { return watch.lost(); }};
  fs::create_directories(checkpoint_folder(folder));
  try {
    const Cut parts = cut(c, plan, training);
    const TrainingCost cost = cost_of(c, plan, parts, training, trial.pool);
    const double seconds = cost(race.train.size(), race.val.size(), c.training.epochs, parts.views);
    const FitConfig& whole = race.job.config.values;
    if (std::string why =
            beyond_budget(race.job, seconds, cost(race.photos.train.size(), race.photos.val.size(), whole.training.epochs, parts.views));
        !why.empty())
      return {.stopped = std::move(why), .failed = true, .too_long = true};
    race.job.note(fmt::format("trying {} on {} photos against the head alone, judged on {} others: {}", to_string(contender), race.train.size(),
                              race.val.size(), about(seconds)));
    const auto advance = race.job.begin("trial", race.train.size() * static_cast<std::size_t>(c.training.epochs));
    quiet.watch = [&](const std::string&, std::size_t) { return advance; };
    const FineTuned tuned = fine_tune(config, plan, training, folder, identity, trial.pool, quiet);
    return compare(comparable(tuned.val_logits, race.judged_rows), race.head, race.judged_rows.labels, race.judged_rows.targets);
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

std::string to_string(const Contender& contender) {
  const std::string name = fmt::format("{} fine-tuning", transfer::to_string(contender.kind));
  return contender.unfreeze.empty() ? name : fmt::format("{} (--unfreeze {})", name, contender.unfreeze);
}

std::size_t judged_of(std::size_t photos) { return static_cast<std::size_t>(kHeldOut * static_cast<double>(std::min(photos, kMostPhotos))); }

std::vector<float> at_best_temperature(std::span<const float> logits, std::span<const int> labels) {
  constexpr double kGolden = 0.6180339887498949;
  double low = -std::log(20.0), high = std::log(20.0);  // of the temperature's logarithm, in which the log loss has one valley
  const auto loss_at = [&](double x) { return mean_log_loss(logits, labels, std::exp(x)); };
  double left = high - kGolden * (high - low), right = low + kGolden * (high - low);
  double at_left = loss_at(left), at_right = loss_at(right);
  while (high - low > 0.01) {
    if (at_left < at_right) {
      high = right;
      right = left, at_right = at_left;
      left = high - kGolden * (high - low), at_left = loss_at(left);
    } else {
      low = left;
      left = right, at_left = at_right;
      right = low + kGolden * (high - low), at_right = loss_at(right);
    }
  }
  std::vector<float> scaled(logits.begin(), logits.end());
  for (float& x : scaled) x = static_cast<float>(x / std::exp((low + high) / 2));
  return scaled;
}

Trial compare(std::span<const float> trained, std::span<const float> head, std::span<const int> labels, std::span<const float> targets) {
  const std::size_t count = labels.size(), classes = head.size() / count;
  Trial trial{.judged_on = count};
  double sum = 0, squares = 0;
  std::vector<bool> right_trained(count), right_head(count);
  const auto score = [&](std::span<const float> logits, std::size_t i) {
    const auto row = [&](std::span<const float> table) { return table.subspan(i * classes, classes); };
    return targets.empty() ? score_of_one(row(logits), labels[i]) : score_of_several(row(logits), row(targets));
  };
  const auto n = static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Score of_head = score(head, i), of_trained = score(trained, i);
    right_head[i] = of_head.right;
    right_trained[i] = of_trained.right;
    const double gain = of_head.log_loss - of_trained.log_loss;
    sum += gain;
    squares += gain * gain;
  }
  trial.accuracy = static_cast<double>(std::ranges::count(right_trained, true)) / n;
  trial.head_accuracy = static_cast<double>(std::ranges::count(right_head, true)) / n;
  trial.gain = sum / n;
  trial.gain_error = count < 2 ? INFINITY : std::sqrt(std::max(0.0, squares / n - trial.gain * trial.gain) / (n - 1));
  const eval::Paired paired = eval::compare(right_trained, right_head);
  trial.chance = paired.difference > 0 ? paired.p / 2 : 1;
  return trial;
}

std::vector<Trial> try_training(Job& job, const Probe& found, const Photos& photos, const std::vector<Contender>& contenders) {
  Race race{.job = job, .found = found, .photos = photos};
  std::tie(race.judged, race.learnt) = divide(job, photos.train, some_of(job, photos.train, kMostPhotos), kHeldOut);
  race.train = at(photos.train, race.learnt);
  race.val = at(photos.train, race.judged);
  race.judged_rows = rows_at(found.train, race.judged);
  ThreadPool pool(job.config.values.threads);
  const head::LinearHead alone = solve(job.config.values, rows_at(found.train, race.learnt), job.classes(), pool);
  race.head = comparable(logits_of(alone, race.judged_rows), race.judged_rows);
  race.head_accuracy = compare(race.head, race.head, race.judged_rows.labels, race.judged_rows.targets).accuracy;
  TrialRecord record(job, photos);
  std::vector<Trial> trials;
  for (const Contender& contender : contenders) {
    const std::size_t number = trials.size();
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
    if (!trials.back().failed) break;
  }
  return trials;
}

std::string to_string(const Trial& t) {
  if (!t.stopped.empty()) return fmt::format("{} {}", to_string(t.contender), t.stopped);
  return fmt::format("{} has {:.3f} of {} held-out photos right, the head alone {:.3f}; log loss {} by {:.3f} +- {:.3f}", to_string(t.contender),
                     t.accuracy, t.judged_on, t.head_accuracy, t.gain < 0 ? "higher" : "lower", std::abs(t.gain), t.gain_error);
}

nlohmann::ordered_json to_json(const Trial& t) {
  nlohmann::ordered_json json{{"strategy", transfer::to_string(t.contender.kind)}};
  if (!t.contender.unfreeze.empty()) json["unfreeze"] = t.contender.unfreeze;
  json.update({{"trained_on", t.trained_on}, {"judged_on", t.judged_on}, {"head_accuracy", t.head_accuracy}});
  if (t.stopped.empty())
    json.update({{"accuracy", t.accuracy}, {"log_loss_gain", t.gain}, {"standard_error", t.gain_error}, {"chance", t.chance}, {"pays", t.pays()}});
  else json["stopped"] = t.stopped;
  return json;
}

}  // namespace graft::fit
