// Which of the sources is chosen once each has its score, and how that is reported.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "graft/base/error.h"
#include "graft/base/quantity.h"
#include "graft/base/text.h"
#include "graft/base/wrap.h"
#include "graft/fit/source/mean_of_units.h"
#include "graft/fit/source/sources.h"

namespace graft::fit {
namespace {

constexpr double kMega = 1e6;
constexpr double kNormal95 = 1.959964;

std::string megabytes(double bytes) { return fmt::format("{:.1f} MB", bytes / kMega); }

/// How far a source is above a limit, 1: it just meets it.
double excess(const SourceScore& score, const Limits& limits) {
  double most = 0;
  if (limits.seconds) most = std::max(most, score.seconds / *limits.seconds);
  if (limits.bytes) most = std::max(most, score.bytes / *limits.bytes);
  return most;
}

void check_any_within(const SourceChoice& choice, const Limits& limits) {
  if (std::ranges::any_of(choice.scores, &SourceScore::within)) return;
  std::string asked;
  if (limits.seconds) asked += " --latency " + duration_text(*limits.seconds);
  if (limits.bytes) asked += " --model-size " + megabytes(*limits.bytes);
  const SourceScore& nearest = *std::ranges::min_element(choice.scores, {}, [&](const SourceScore& s) { return excess(s, limits); });
  throw usage_error(asked.substr(1),
                    fmt::format("none of {} sources is within the limits; the nearest, {}, takes {} per photo here and {}", choice.scores.size(),
                                nearest.source.text(), duration_text(nearest.seconds), megabytes(nearest.bytes)),
                    "allow that, or name smaller --sources or a smaller --size");
}

bool cheaper(const SourceScore& a, const SourceScore& b, bool by_multiply_adds) {
  return by_multiply_adds ? a.multiply_adds < b.multiply_adds : a.bytes < b.bytes;
}

void mark_front(std::vector<SourceScore>& scores) {
  const auto key = [](const SourceScore& s) { return std::array{s.log_loss, s.seconds, s.bytes}; };
  for (SourceScore& score : scores)
    score.front = std::ranges::none_of(scores, [&](const SourceScore& other) {
      const auto a = key(other), b = key(score);
      return a != b && a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2];
    });
}

/// Of the lowest log loss within the limits, of single networks where there are any.
std::size_t lowest(const std::vector<SourceScore>& scores) {
  const auto key = [](const SourceScore& s) { return std::tuple(!s.within, s.joined, s.log_loss); };
  return static_cast<std::size_t>(std::ranges::min_element(scores, {}, key) - scores.begin());
}

/// Whether several networks are worth more than they cost beside the best single one.
bool pays(const SourceScore& join, const SourceScore& best) {
  return join.within && join.joined && !best.joined && join.behind < -kNormal95 * join.behind_error && join.behind <= -kWorthJoining;
}

}  // namespace

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  return differences;
}

WeightedMean mean_of_units(const std::vector<double>& values, const PhotosJudged& judged) {
  const auto weight = [&](std::size_t i) { return judged.weights.empty() ? 1.0 : judged.weights[i]; };
  double total = 0, sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    total += weight(i);
    sum += weight(i) * values[i];
  }
  const double mean = sum / total;
  std::map<std::string_view, double> of_unit;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) of_unit[judged.units[i]] += weight(i) * (values[i] - mean);
  double spread = 0;
  for (const auto& [unit, deviation] : of_unit) spread += deviation * deviation;
  const auto units = static_cast<double>(of_unit.size());
  return {mean, units < 2 ? INFINITY : std::sqrt(spread * units / (units - 1)) / total};
}

Limits limits_of(const FitConfig& c) {
  Limits limits;
  const auto read = [&](const char* option, const std::optional<std::string>& text, auto number, const char* expected, const char* example) {
    if (!text) return std::optional<double>();
    const std::string subject = fmt::format("--{} {}", option, printable(*text));
    if (c.sources.empty()) throw usage_error(subject, "is a limit of what --sources chooses", "give --sources, too: names, or all");
    const std::optional<double> value = number(*text);
    if (!value) throw usage_error(subject, expected, example);
    return value;
  };
  limits.seconds = read("latency", c.latency, seconds_in, "expected a time above 0 with the unit ms or s", "for instance 20ms");
  limits.bytes = read("model-size", c.model_size, bytes_in, "expected a size above 0 with the unit kB, MB or GB", "for instance 20MB");
  return limits;
}

void decide(SourceChoice& choice, const PhotosJudged& judged, const Limits& limits) {
  std::vector<SourceScore>& scores = choice.scores;
  for (SourceScore& score : scores) {
    const WeightedMean mean = mean_of_units(score.held_out, judged);
    score.log_loss = mean.mean;
    score.error = mean.error;
    score.within = excess(score, limits) <= 1;
  }
  mark_front(scores);
  check_any_within(choice, limits);
  choice.best = lowest(scores);
  choice.chosen = choice.best;
  const bool known = std::ranges::all_of(scores, [](const SourceScore& s) { return s.multiply_adds > 0; });
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const WeightedMean behind = mean_of_units(difference(scores[i].held_out, scores[choice.best].held_out), judged);
    scores[i].behind = behind.mean;
    scores[i].behind_error = behind.error;
    const bool alike = scores[i].joined == scores[choice.best].joined;
    if (alike && scores[i].within && behind.mean < behind.error && cheaper(scores[i], scores[choice.chosen], known)) choice.chosen = i;
  }
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (pays(scores[i], scores[choice.best]) &&
        (!pays(scores[choice.chosen], scores[choice.best]) || scores[i].log_loss < scores[choice.chosen].log_loss))
      choice.chosen = i;
}

std::string reason_of(const SourceChoice& choice) {
  const SourceScore &taken = choice.scores[choice.chosen], &best = choice.scores[choice.best];
  if (pays(taken, best))
    return fmt::format("its cross-validated log loss on {} photos, {:.4f}, is {:.4f} +- {:.4f} below the lowest of a single network, that of {}",
                       choice.photos, taken.log_loss, -taken.behind, taken.behind_error, best.source.text());
  const auto alike = [&](const SourceScore& s) { return s.joined == best.joined; };
  const auto within = std::ranges::count_if(choice.scores, [&](const SourceScore& s) { return alike(s) && s.within; });
  const bool all = within == std::ranges::count_if(choice.scores, alike);
  if (within == 1)
    return fmt::format("the only one{}; cross-validated log loss {:.4f} on {} photos", all ? "" : " within the limits", taken.log_loss,
                       choice.photos);
  const std::string which = fmt::format("of {} sources{}", within, all ? "" : " within the limits");
  if (choice.chosen == choice.best)
    return fmt::format("the lowest cross-validated log loss {} on {} photos, {:.4f}", which, choice.photos, taken.log_loss);
  return fmt::format(
      "the cheapest {} whose cross-validated log loss on {} photos, {:.4f}, is less than a standard error above the lowest, that of {}: {:.4f} +- "
      "{:.4f}",
      which, choice.photos, taken.log_loss, best.source.text(), taken.behind, taken.behind_error);
}

std::string to_table(const SourceChoice& choice) {
  std::vector<std::vector<std::string>> rows{
      {"source", "input", "features", "MB", "ms", "accuracy", "log loss", "95 %", "behind", "+-", "LogME", "H-score", ""}};
  const auto number = [](const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : std::string("-"); };
  for (std::size_t i = 0; i < choice.scores.size(); ++i) {
    const SourceScore& s = choice.scores[i];
    const bool best = i == choice.best;
    rows.push_back(
        {s.source.text(), to_string(s.size), std::to_string(s.features) + (s.every_stage ? "*" : ""), fmt::format("{:.1f}", s.bytes / kMega),
         fmt::format("{:.1f}", 1000 * s.seconds), fmt::format("{:.3f}", s.accuracy), fmt::format("{:.4f}", s.log_loss),
         fmt::format("{:.3f} to {:.3f}", std::max(0.0, s.log_loss - kNormal95 * s.error), s.log_loss + kNormal95 * s.error),
         best ? "" : fmt::format("{:+.4f}", s.behind), best ? "" : fmt::format("{:.4f}", s.behind_error), number(s.logme), number(s.h_score),
         i == choice.chosen                               ? "taken"
         : !s.within                                      ? "over the limit"
         : s.joined && !choice.scores[choice.best].joined ? "not worth its cost"
                                                          : ""});
  }
  std::string text = aligned_rows(rows);
  if (std::ranges::any_of(choice.scores, &SourceScore::every_stage)) text += "* of every stage, which is better by cross-validation\n";
  std::vector<const SourceScore*> front;
  for (const SourceScore& score : choice.scores)
    if (score.front) front.push_back(&score);
  if (front.size() < 2) return text;
  std::ranges::stable_sort(front, {}, [](const SourceScore* s) { return s->seconds; });
  std::vector<std::vector<std::string>> limits{{"what a limit costs", "--latency", "--model-size", "log loss"}};
  for (const SourceScore* s : front)
    limits.push_back({s->source.text(), fmt::format("{:.1f}ms", std::ceil(10000 * s->seconds) / 10),
                      fmt::format("{:.1f}MB", std::ceil(10 * s->bytes / kMega) / 10), fmt::format("{:.4f}", s->log_loss)});
  return text + aligned_rows(limits);
}

nlohmann::ordered_json to_json(const SourceChoice& choice) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const auto number = [](const std::optional<double>& value) { return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(); };
  for (const SourceScore& s : choice.scores)
    list.push_back({{"name", printable(s.source.text())},
                    {"size", data::to_json(s.size)},
                    {"features", s.features},
                    {"every_stage", s.every_stage},
                    {"joined", s.joined},
                    {"bytes", static_cast<int64_t>(s.bytes)},
                    {"seconds", s.seconds},
                    {"multiply_adds", s.multiply_adds > 0 ? nlohmann::ordered_json(s.multiply_adds) : nlohmann::ordered_json()},
                    {"accuracy", s.accuracy},
                    {"log_loss", s.log_loss},
                    {"standard_error", s.error},
                    {"behind", s.behind},
                    {"behind_standard_error", s.behind_error},
                    {"logme", number(s.logme)},
                    {"h_score", number(s.h_score)},
                    {"within_limits", s.within},
                    {"front", s.front}});
  return {{"photos", choice.photos},
          {"folds", choice.folds},
          {"chosen", printable(choice.scores[choice.chosen].source.text())},
          {"reason", printable(reason_of(choice))},
          {"compared", list}};
}

}  // namespace graft::fit
