#include "graft/fit/more/trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "graft/eval/paired.h"
#include "graft/eval/scores.h"

namespace graft::fit {
namespace {

double mean_log_loss(std::span<const float> logits, std::span<const int> labels, double temperature) {
  const eval::Truth truth{.rows = labels.size(), .labels = labels};
  const std::size_t classes = logits.size() / labels.size();
  std::vector<float> row(classes);
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t k = 0; k < classes; ++k) row[k] = static_cast<float>(logits[i * classes + k] / temperature);
    sum += eval::score_photo(truth, i, row).log_loss;
  }
  return sum / static_cast<double>(labels.size());
}

}  // namespace

std::string to_string(const Contender& contender) {
  std::vector<std::string> options;
  if (!contender.unfreeze.empty()) options.push_back("--unfreeze " + contender.unfreeze);
  if (contender.epochs) options.push_back(fmt::format("--epochs {}", *contender.epochs));
  if (contender.lr) options.push_back(fmt::format("--lr {}", *contender.lr));
  const std::string name = fmt::format("{} fine-tuning", transfer::to_string(contender.kind));
  return options.empty() ? name : fmt::format("{} ({})", name, fmt::join(options, " "));
}

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

Trial compare(std::span<const float> trained, std::span<const float> head, const eval::Truth& truth) {
  const std::size_t count = truth.rows, classes = head.size() / count;
  Trial trial{.judged_on = count};
  std::vector<double> losses_of_head;
  std::vector<bool> right_trained(count), right_head(count);
  const auto score = [&](std::span<const float> logits, std::size_t i) { return eval::score_photo(truth, i, logits.subspan(i * classes, classes)); };
  for (std::size_t i = 0; i < count; ++i) {
    const eval::PhotoScore of_head = score(head, i), of_trained = score(trained, i);
    right_head[i] = of_head.right;
    right_trained[i] = of_trained.right;
    losses_of_head.push_back(of_head.log_loss);
    trial.losses.push_back(of_trained.log_loss);
  }
  const auto n = static_cast<double>(count);
  trial.accuracy = static_cast<double>(std::ranges::count(right_trained, true)) / n;
  trial.head_accuracy = static_cast<double>(std::ranges::count(right_head, true)) / n;
  const eval::LossDifference gain = eval::difference_of(losses_of_head, trial.losses);
  trial.gain = gain.mean;
  trial.gain_error = gain.error;
  const eval::Paired paired = eval::compare(right_trained, right_head);
  trial.chance = paired.difference > 0 ? paired.p / 2 : 1;
  return trial;
}

bool better(const Trial& trial, const Trial& than) {
  if (trial.losses.size() != than.losses.size() || trial.accuracy < than.accuracy) return false;
  const eval::LossDifference gain = eval::difference_of(than.losses, trial.losses);
  return gain.mean > Trial::kSure * gain.error;
}

std::vector<Trial>::const_iterator best_of(const std::vector<Trial>& trials) {
  auto best = trials.end();
  for (auto trial = trials.begin(); trial != trials.end(); ++trial)
    if (trial->pays() && (best == trials.end() || better(*trial, *best))) best = trial;
  return best;
}

std::string to_string(const Trial& t) {
  if (!t.stopped.empty()) return fmt::format("{} {}", to_string(t.contender), t.stopped);
  return fmt::format("{} has {:.3f} of {} held-out photos right, the head alone {:.3f}; log loss {} by {:.3f} +- {:.3f}", to_string(t.contender),
                     t.accuracy, t.judged_on, t.head_accuracy, t.gain < 0 ? "higher" : "lower", std::abs(t.gain), t.gain_error);
}

nlohmann::ordered_json to_json(const Trial& t) {
  nlohmann::ordered_json json{{"strategy", transfer::to_string(t.contender.kind)}};
  if (!t.contender.unfreeze.empty()) json["unfreeze"] = t.contender.unfreeze;
  if (t.contender.epochs) json["epochs"] = *t.contender.epochs;
  if (t.contender.lr) json["lr"] = *t.contender.lr;
  json.update({{"trained_on", t.trained_on}, {"judged_on", t.judged_on}, {"head_accuracy", t.head_accuracy}});
  if (t.stopped.empty())
    json.update({{"accuracy", t.accuracy}, {"log_loss_gain", t.gain}, {"standard_error", t.gain_error}, {"chance", t.chance}, {"pays", t.pays()}});
  else json["stopped"] = t.stopped;
  return json;
}

}  // namespace graft::fit
