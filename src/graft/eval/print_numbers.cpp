#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

using Rows = std::vector<std::vector<std::string>>;

nlohmann::json or_null(double value) { return std::isnan(value) ? nlohmann::json() : nlohmann::json(value); }

nlohmann::json or_null(const std::optional<Interval>& interval) {
  return interval ? nlohmann::json{interval->low, interval->high} : nlohmann::json();
}

std::string or_dash(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4f}", value); }

std::string or_dash(const std::optional<Interval>& interval) {
  return interval ? fmt::format("{:.3f} to {:.3f}", interval->low, interval->high) : "-";
}

std::optional<Interval> wilson_of_bin(const ReliabilityBin& bin) {
  if (bin.count == 0) return std::nullopt;
  return wilson(std::lround(bin.accuracy * bin.count), std::lround(bin.count));
}

std::string classes_text(const std::vector<std::string>& names, const Numbers& numbers) {
  Rows rows{{"class"}};
  for (const ClassNumber& number : class_numbers()) rows[0].insert(rows[0].end(), {std::string(number.title), "95 %"});
  for (std::size_t k = 0; k < names.size(); ++k) {
    auto& row = rows.emplace_back(1, printable(names[k]));
    for (std::size_t n = 0; n < kClassNumbers; ++n) {
      row.push_back(or_dash(class_numbers()[n].value(numbers.tally.classes[k])));
      row.push_back(numbers.intervals.resamples > 0 ? or_dash(numbers.intervals.classes[k][n]) : "-");
    }
  }
  return aligned(rows);
}

std::string bins_text(const std::vector<ReliabilityBin>& bins) {
  Rows rows{{"confidence", "answers", "mean", "right", "95 %"}};
  for (const ReliabilityBin& bin : bins)
    if (bin.count > 0)
      rows.push_back({fmt::format("{:.3f} to {:.3f}", bin.low, bin.high), with_commas(std::lround(bin.count)), or_dash(bin.confidence),
                      or_dash(bin.accuracy), or_dash(wilson_of_bin(bin))});
  return aligned(rows);
}

std::string how(const Intervals& intervals) {
  if (intervals.resamples == 0) return {};
  std::string text = fmt::format("\nintervals: {} samples of the {} (bootstrap, seed {}){}\n", with_commas(intervals.resamples), intervals.drawn,
                                 intervals.seed, intervals.drawn.starts_with("groups") ? "" : ", Wilson's for shares of the photos");
  if (!intervals.rankings) text += "AUROC and average precision have none: too many photos times classes to resample\n";
  return text + "-: undefined, or the same in every sample\n";
}

std::vector<std::string> class_names(const AnyEvaluation& evaluation) {
  std::vector<std::string> names;
  std::visit(
      [&](const auto& e) {
        for (const auto& c : e.classes) names.push_back(c.name);
      },
      evaluation);
  return names;
}

}  // namespace

void add_numbers(const data::Task& task, const Numbers& numbers, nlohmann::json& json) {
  const std::vector<Number>& list = numbers_of(task);
  for (const Number& number : list) json[std::string(number.key)] = or_null(number.value(numbers.tally));
  auto& bins = json["reliability"] = nlohmann::json::array();
  for (const ReliabilityBin& bin : numbers.reliability)
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"count", bin.count},
                    {"confidence", or_null(bin.confidence)},
                    {"accuracy", or_null(bin.accuracy)},
                    {"accuracy_interval", or_null(wilson_of_bin(bin))}});
  const Intervals& intervals = numbers.intervals;
  if (intervals.resamples == 0) return;
  json["bootstrap"] = {{"resamples", intervals.resamples}, {"seed", intervals.seed}, {"drawn", intervals.drawn}, {"rankings", intervals.rankings}};
  for (std::size_t n = 0; n < list.size(); ++n) json["intervals"][std::string(list[n].key)] = or_null(intervals.numbers[n]);
}

void add_class_numbers(const Numbers& numbers, std::size_t k, nlohmann::json& json) {
  for (std::size_t n = 0; n < kClassNumbers; ++n) {
    const ClassNumber& number = class_numbers()[n];
    json[std::string(number.key)] = or_null(number.value(numbers.tally.classes[k]));
    if (numbers.intervals.resamples > 0) json["intervals"][std::string(number.key)] = or_null(numbers.intervals.classes[k][n]);
  }
}

std::string number_line(const AnyEvaluation& evaluation, std::string_view name, std::size_t width) {
  const Number& number = number_named(task_of(evaluation), name);
  const double value = number.value(numbers_in(evaluation).tally), times = number.in_percent ? 100 : 1;
  const int digits = number.kind.higher_is_better ? 3 : 4;
  std::string text = fmt::format("{:<{}}  ", number.kind.title, width);
  text += std::isnan(value) ? "-" : number.in_percent ? percent(value) : fmt::format("{:.{}f}", value, digits);
  if (const auto interval = interval_of(evaluation, name))
    text += number.in_percent ? fmt::format(" ({:.1f} to {:.1f} %)", times * interval->low, times * interval->high)
                              : fmt::format(" ({1:.{0}f} to {2:.{0}f})", digits, interval->low, interval->high);
  return text;
}

std::string all_numbers(const AnyEvaluation& evaluation) {
  const Numbers& numbers = numbers_in(evaluation);
  Rows rows{{"number", "value", "95 %"}};
  for (const Number& number : numbers_of(task_of(evaluation)))
    if (number.kind.name != "top-k" || !std::isnan(numbers.tally.in_top))  // where that would be every class, nobody misses it
      rows.push_back({std::string(number.kind.title), or_dash(number.value(numbers.tally)), or_dash(interval_of(evaluation, number.kind.name))});
  return aligned(rows) + "\n" + classes_text(class_names(evaluation), numbers) + "\n" + bins_text(numbers.reliability) + how(numbers.intervals);
}

}  // namespace graft::eval
