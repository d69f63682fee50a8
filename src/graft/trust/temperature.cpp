#include "graft/trust/temperature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

namespace graft::trust {
namespace {

constexpr double kLowest = 0.05, kHighest = 20;  // temperatures
constexpr double kDoubt = 2.575829;              // p < 0.01: of a hundred models that are calibrated already, one is changed
constexpr int kFolds = 5;
constexpr std::size_t kBinsOfSureness = 15;

/// Of one row's loss by b = 1 / temperature, whose labels are mixed with `chance` of any label.
struct Slopes {
  double first, second;
};

Slopes slopes_of(data::SingleLabel /*task*/, const eval::Truth& truth, std::size_t i, std::span<const float> z, double b, double chance) {
  const double highest = static_cast<double>(*std::ranges::max_element(z));
  double sum = 0, mean = 0, square = 0, plain = 0;
  for (const float logit : z) {
    const double d = static_cast<double>(logit) - highest, p = std::exp(b * d);
    sum += p;
    mean += p * d;
    square += p * d * d;
    plain += d / static_cast<double>(z.size());
  }
  mean /= sum;
  const double own = static_cast<double>(z[static_cast<std::size_t>(truth.labels[i])]) - highest;
  return {mean - (1 - chance) * own - chance * plain, square / sum - mean * mean};
}

Slopes slopes_of(data::MultiLabel /*task*/, const eval::Truth& truth, std::size_t i, std::span<const float> z, double b, double chance) {
  Slopes slopes{0, 0};
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double logit = static_cast<double>(z[k]), p = 1 / (1 + std::exp(-b * logit));
    const double target = (1 - chance) * static_cast<double>(truth.targets[i * z.size() + k]) + chance / 2;
    slopes.first += (p - target) * logit / static_cast<double>(z.size());
    slopes.second += p * (1 - p) * logit * logit / static_cast<double>(z.size());
  }
  return slopes;
}

using Bins = std::array<std::array<double, 3>, kBinsOfSureness>;  // weight, weighted confidence, weighted right answers

void add_to(Bins& bins, double confidence, bool right, double weight) {
  const auto bin = static_cast<std::size_t>(std::clamp(std::ceil(confidence * kBinsOfSureness) - 1, 0.0, kBinsOfSureness - 1.0));
  bins[bin][0] += weight;
  bins[bin][1] += weight * confidence;
  bins[bin][2] += right ? weight : 0;
}

void add_answers(data::SingleLabel /*task*/, const eval::Truth& truth, std::size_t i, std::span<const float> p, double weight, Bins& bins) {
  const eval::Ranked best = eval::top_k(p, 1).front();
  add_to(bins, static_cast<double>(best.probability), best.label == truth.labels[i], weight);
}

void add_answers(data::MultiLabel /*task*/, const eval::Truth& truth, std::size_t i, std::span<const float> p, double weight, Bins& bins) {
  for (std::size_t k = 0; k < p.size(); ++k) add_to(bins, static_cast<double>(p[k]), truth.targets[i * p.size() + k] > 0.5F, weight);
}

double weight_of(const HeldOut& h, std::size_t i) { return h.weights.empty() ? 1 : h.weights[i]; }
std::span<const float> row_of(const HeldOut& h, std::size_t i) { return h.logits.subspan(i * h.classes, h.classes); }

/// The rows that are judged as one, by number from 0.
std::vector<std::size_t> units_of_rows(const HeldOut& h) {
  std::vector<std::size_t> units;
  std::map<std::string, std::size_t> of_group;
  std::size_t next = 0;
  for (std::size_t i = 0; i < h.truth.rows; ++i) {
    const bool grouped = !h.groups.empty() && !h.groups[i].empty();
    units.push_back(grouped ? of_group.try_emplace(h.groups[i], next).first->second : next);
    next = std::max(next, units.back() + 1);
  }
  return units;
}

/// 1 / the temperature of the lowest loss, by Newton's method between ends that the slope's sign moves; the loss is convex in it.
double best_factor(const HeldOut& h, const std::vector<std::size_t>& rows) {
  const double chance = 1 / static_cast<double>(rows.size() + 1);
  double low = 1 / kHighest, high = 1 / kLowest, b = 1;
  for (int step = 0; step < 100; ++step) {
    double first = 0, second = 0;
    for (const std::size_t i : rows) {
      const Slopes s = std::visit([&](const auto& task) { return slopes_of(task, h.truth, i, row_of(h, i), b, chance); }, h.truth.task);
      first += weight_of(h, i) * s.first;
      second += weight_of(h, i) * s.second;
    }
    (first > 0 ? high : low) = b;
    double next = second > 0 ? b - first / second : std::sqrt(low * high);
    if (!(next > low && next < high)) next = std::sqrt(low * high);
    if (std::abs(next - b) <= 1e-7 * b) return next;
    b = next;
  }
  return b;
}

/// Whether the loss is not flat at temperature 1: the sum of the slopes over its deviation, units of rows taken together.
bool beyond_doubt(const HeldOut& h, const std::vector<std::size_t>& rows, const std::vector<std::size_t>& units) {
  std::map<std::size_t, double> of_unit;
  for (const std::size_t i : rows)
    of_unit[units[i]] +=
        weight_of(h, i) * std::visit([&](const auto& task) { return slopes_of(task, h.truth, i, row_of(h, i), 1, 0); }, h.truth.task).first;
  double sum = 0, squares = 0;
  for (const auto& [unit, slope] : of_unit) {
    sum += slope;
    squares += slope * slope;
  }
  return std::abs(sum) > kDoubt * std::sqrt(squares);
}

/// The logits of each row divided by the temperature of the folds that it is not in, where one is applied.
std::vector<float> cross_fitted(const HeldOut& h, const std::vector<std::size_t>& rows, const std::vector<std::size_t>& units) {
  std::vector<float> logits(h.logits.begin(), h.logits.end());
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::size_t> others;
    for (const std::size_t i : rows)
      if (units[i] % kFolds != fold) others.push_back(i);
    if (others.empty()) continue;
    const auto factor = static_cast<float>(best_factor(h, others));
    for (const std::size_t i : rows)
      if (units[i] % kFolds == fold)
        for (std::size_t k = 0; k < h.classes; ++k) logits[i * h.classes + k] *= factor;
  }
  return logits;
}

}  // namespace

Sureness sureness_of(const HeldOut& h) {
  std::vector<float> probabilities(h.logits.begin(), h.logits.end());
  eval::to_probabilities(h.truth.task, probabilities, h.classes);
  Bins bins{};
  double total = 0, loss = 0;
  for (std::size_t i = 0; i < h.truth.rows; ++i) {
    const double weight = weight_of(h, i);
    const std::span<const float> p = std::span<const float>(probabilities).subspan(i * h.classes, h.classes);
    total += weight;
    loss += weight * eval::log_loss_of(h.truth, i, p);
    std::visit([&](const auto& task) { add_answers(task, h.truth, i, p, weight, bins); }, h.truth.task);
  }
  double answers = 0, distance = 0;
  for (const auto& [weight, confidence, right] : bins) {
    answers += weight;
    distance += std::abs(confidence - right);
  }
  return total > 0 ? Sureness{loss / total, distance / answers} : Sureness{};
}

Tempering temper(const HeldOut& h) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < h.truth.rows; ++i)
    if (weight_of(h, i) > 0) rows.push_back(i);
  Tempering found{.rows = rows.size(), .before = sureness_of(h)};
  found.after = found.before;
  if (rows.empty()) return found;
  const std::vector<std::size_t> units = units_of_rows(h);
  found.best = 1 / best_factor(h, rows);
  if (!beyond_doubt(h, rows, units)) return found;
  HeldOut after = h;
  const std::vector<float> logits = cross_fitted(h, rows, units);
  after.logits = logits;
  const Sureness honest = sureness_of(after);
  if (!(honest.log_loss < found.before.log_loss)) return found;
  found.temperature = found.best;
  found.after = honest;
  return found;
}

std::string to_text(const Tempering& t, Basis on) {
  if (t.rows == 0) return "probabilities are not calibrated: there are no photos that the model was not trained on";
  if (t.temperature == 1)
    return fmt::format(
        "probabilities stay as they are: no temperature gives a lower log loss beyond doubt ({}, {} photos; ECE {:.3f}, log loss {:.4f})",
        in_words(on), t.rows, t.before.ece, t.before.log_loss);
  return fmt::format("probabilities are calibrated by {} ({} photos): temperature {:.3f}, ECE {:.3f} -> {:.3f}, log loss {:.4f} -> {:.4f}",
                     in_words(on), t.rows, t.temperature, t.before.ece, t.after.ece, t.before.log_loss, t.after.log_loss);
}

nlohmann::ordered_json to_json(const Tempering& t, Basis on) {
  const auto json = [](const Sureness& s) { return nlohmann::ordered_json{{"log_loss", s.log_loss}, {"ece", s.ece}}; };
  return {{"temperature", t.temperature}, {"on", to_string(on)},   {"photos", t.rows}, {"best", t.best},
          {"before", json(t.before)},     {"after", json(t.after)}};
}

nlohmann::ordered_json to_json(const Calibration& calibration) {
  return {{"temperature", calibration.temperature}, {"on", to_string(calibration.on)}, {"photos", calibration.photos}};
}

Calibration calibration_from(const Record& record) {
  const Record calibration = record.part("calibration", {"temperature", "on", "photos"});
  return {calibration.above("temperature", 0), calibration.basis("on"), calibration.count("photos")};
}

}  // namespace graft::trust
