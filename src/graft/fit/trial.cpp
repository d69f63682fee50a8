#include "graft/fit/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/data/dataset.h"
#include "graft/eval/evaluation.h"
#include "graft/fit/beginning.h"
#include "graft/fit/fine_tune.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr double kHeldOut = 0.25;
constexpr std::size_t kMostPhotos = 2000;  // photos

std::vector<data::Sample> at(const std::vector<data::Sample>& samples, const std::vector<std::size_t>& rows) {
  std::vector<data::Sample> some;
  for (const std::size_t row : rows) some.push_back(samples[row]);
  return some;
}

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

/// Of the rows, by class, this part and the others.
std::pair<std::vector<std::size_t>, std::vector<std::size_t>> divide(const Job& job, const std::vector<data::Sample>& samples,
                                                                     const std::vector<std::size_t>& rows, double fraction) {
  const std::vector<data::Sample> some = at(samples, rows);
  std::vector<std::string> names;
  for (const data::Sample& sample : some) names.push_back(sample.path.lexically_relative(job.config.values.data).generic_string());
  const std::vector<bool> chosen = data::choose_val(names, some, job.classes(), {.val_fraction = fraction, .seed = job.config.values.seed});
  std::pair<std::vector<std::size_t>, std::vector<std::size_t>> parts;
  for (std::size_t i = 0; i < rows.size(); ++i) (chosen[i] ? parts.first : parts.second).push_back(rows[i]);
  return parts;
}

}  // namespace

Trial compare(std::span<const float> trained, std::span<const float> head, std::span<const int> labels, std::span<const float> targets) {
  const std::size_t count = labels.size(), classes = head.size() / count;
  Trial trial{.judged_on = count};
  double sum = 0, squares = 0;
  const auto judge = [&](std::span<const float> logits, std::size_t i, double& right) {
    const auto row = [&](std::span<const float> table) { return table.subspan(i * classes, classes); };
    const Score score = targets.empty() ? score_of_one(row(logits), labels[i]) : score_of_several(row(logits), row(targets));
    right += score.right ? 1.0 / static_cast<double>(count) : 0;
    return score.log_loss;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const double gain = judge(head, i, trial.head_accuracy) - judge(trained, i, trial.accuracy);
    sum += gain;
    squares += gain * gain;
  }
  const auto n = static_cast<double>(count);
  trial.gain = sum / n;
  trial.gain_error = count < 2 ? INFINITY : std::sqrt(std::max(0.0, squares / n - trial.gain * trial.gain) / (n - 1));
  return trial;
}

Trial try_training(const Job& job, const Probe& found, const Photos& photos, const Decision& decision) {
  const std::vector<data::Sample>& all = photos.train;
  std::vector<std::size_t> rows(all.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  if (rows.size() > kMostPhotos) rows = divide(job, all, rows, static_cast<double>(kMostPhotos) / static_cast<double>(rows.size())).first;
  const auto [judges, rest] = divide(job, all, rows, kHeldOut);

  Configured<FitConfig> config = job.config;
  FitConfig& c = config.values;
  c.strategy = decision.kind;
  c.plan.unfreeze = decision.unfreeze;
  c.profile = false;
  c.training.batch = std::min(c.training.batch, static_cast<int>(rest.size()));
  const auto advance = job.begin("trial", rest.size() * static_cast<std::size_t>(c.training.epochs));
  const Listener listener{.watch = [&](const std::string&, std::size_t) { return advance; }};
  Job trial{.config = config, .listener = listener, .splits = job.splits, .pretrained = job.pretrained, .preprocess = job.preprocess};
  choose_beginning(trial);
  Probe part{.train = rows_at(found.train, rest), .input = found.input, .last_width = found.last_width};
  part.head = solve(trial, part.train);
  const Rows judged = rows_at(found.train, judges);
  const std::vector<float> alone = logits_of(part.head, judged);

  const graph::Graph network = assemble(job.pretrained.graph, c.begin == Beginning::zero ? zero_head(trial) : last_features_head(trial, part), {});
  const transfer::Plan plan = plan_of(config, network);
  const AtomicFolder folder(c.out->string() + "-trial");  // never committed
  fs::create_directories(checkpoint_folder(folder.path()));
  const std::vector<data::Sample> train = at(all, rest), val = at(all, judges);
  try {
    const FineTuned tuned = fine_tune(config, plan, {network, job.preprocess, train, val, c.precision, {}, &job.pretrained.graph}, folder.path(), {},
                                      trial.pool, listener);
    Trial result = compare(tuned.val_logits, alone, judged.labels, judged.targets);
    result.trained_on = rest.size();
    return result;
  } catch (const Interrupted&) {
    throw Interrupted();  // there is nothing to go on with
  }
}

std::string to_string(const Trial& t) {
  return fmt::format("trial on {} held-out images: accuracy {:.3f}, head alone {:.3f}, log loss {} by {:.3f} +- {:.3f}", t.judged_on, t.accuracy,
                     t.head_accuracy, t.gain < 0 ? "higher" : "lower", std::abs(t.gain), t.gain_error);
}

nlohmann::ordered_json to_json(const Trial& t) {
  return {{"trained_on", t.trained_on},       {"judged_on", t.judged_on}, {"accuracy", t.accuracy},
          {"head_accuracy", t.head_accuracy}, {"log_loss_gain", t.gain},  {"standard_error", t.gain_error}};
}

}  // namespace graft::fit
