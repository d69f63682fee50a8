#include "graft/study/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/base/wrap.h"

namespace graft::study {
namespace {

/// The mean of a number that each run has, or of its differences to those of `others`. Where all runs were judged on the same images, the error of these
/// is added to that of the runs; where each had its own, it is in theirs, which is then at least that of so many images. Every image counts alike.
eval::Mean mean_over(const std::vector<double>& values, const std::vector<Outcome>& runs, const std::vector<Outcome>* others, double overlap) {
  const bool shared = std::ranges::all_of(runs, [&](const Outcome& run) { return run.paths == runs.front().paths; });
  const auto n = static_cast<double>(runs.size());
  std::vector<double> of_images(shared ? runs.front().right.size() : 0);
  for (std::size_t run = 0; run < runs.size(); ++run)
    for (std::size_t i = 0; i < runs[run].right.size(); ++i) {
      const double value = (runs[run].right[i] ? 1.0 : 0.0) - (others != nullptr && (*others)[run].right[i] ? 1.0 : 0.0);
      if (shared) of_images[i] += value / n;
      else of_images.push_back(value);
    }
  const eval::Interval range{others != nullptr ? -1.0 : 0.0, 1.0};
  double variance = eval::image_variance(of_images, range);
  if (!shared) variance = std::max(0.0, variance - eval::mean_of(values, overlap).of_runs);
  eval::Mean mean = eval::mean_of(values, overlap, variance);
  mean.interval = {std::max(mean.interval.low, range.low), std::min(mean.interval.high, range.high)};
  return mean;
}

Row row_of(const std::string& name, const std::vector<Outcome>& runs, Metric metric, double overlap) {
  std::vector<double> values;
  for (const Outcome& run : runs) values.push_back(value_of(run, metric));
  if (runs.size() > 1) {
    const eval::Mean mean = mean_over(values, runs, nullptr, overlap);
    return {.name = name, .value = mean.mean, .interval = mean.interval, .runs = runs.size()};
  }
  const bool accuracy = metric == Metric::accuracy;
  return {.name = name,
          .value = values.front(),
          .interval = accuracy ? eval::wilson(std::ranges::count(runs.front().right, true), static_cast<long>(runs.front().right.size()))
                               : eval::mean_of(values).interval,
          .runs = 1};
}

Row::Difference difference_of(const std::vector<Outcome>& runs, const std::vector<Outcome>& first, Metric metric, double overlap) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    check_same_images(runs[i], first[i]);
    differences.push_back(value_of(runs[i], metric) - value_of(first[i], metric));
  }
  if (runs.size() == 1) {
    const eval::Paired paired = eval::compare(runs.front().right, first.front().right);
    return {paired.difference, paired.interval, paired.p};
  }
  const eval::Mean mean = mean_over(differences, runs, &first, overlap);
  return {mean.mean, mean.interval, mean.p};
}

std::string range(const eval::Interval& interval) {
  return std::isinf(interval.low) ? "" : fmt::format("{:.3f} to {:.3f}", interval.low, interval.high);
}

std::string signed_range(const eval::Interval& interval) { return fmt::format("{:+.3f} to {:+.3f}", interval.low, interval.high); }

std::string p_text(double p) { return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p); }

std::string title(Metric metric) { return metric == Metric::accuracy ? "accuracy" : "balanced accuracy"; }

/// The cells of a row, as table and Markdown show them.
std::vector<std::string> cells(const Row& row) {
  std::vector<std::string> text = {row.name, fmt::format("{:.3f}", row.value), range(row.interval), "", "", ""};
  if (!row.difference) return text;
  text[3] = fmt::format("{:+.3f}", row.difference->mean);
  text[4] = signed_range(row.difference->interval);
  text[5] = p_text(row.difference->p);
  return text;
}

std::vector<std::string> head_of(const Report& report) { return {"", title(report.metric), "95 %", "difference", "95 %", "p"}; }

}  // namespace

Report make_report(const std::vector<std::string>& names, const std::vector<std::vector<Outcome>>& outcomes, Metric metric, double overlap) {
  Report report{.metric = metric, .images = outcomes.front().front().right.size()};
  std::vector<double> p;
  for (std::size_t i = 0; i < names.size(); ++i) {
    report.rows.push_back(row_of(names[i], outcomes[i], metric, overlap));
    if (i == 0) continue;
    report.rows.back().difference = difference_of(outcomes[i], outcomes.front(), metric, overlap);
    p.push_back(report.rows.back().difference->p);
  }
  const std::vector<double> adjusted = eval::holm(p);
  for (std::size_t i = 0; i < adjusted.size(); ++i) report.rows[i + 1].difference->p = adjusted[i];
  return report;
}

std::size_t best_row(const Report& report) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < report.rows.size(); ++i)
    if (report.rows[i].better() && (best == 0 || report.rows[i].value > report.rows[best].value)) best = i;
  return best;
}

std::vector<std::string> verdicts(const Report& report) {
  std::vector<std::string> sentences;
  const std::string& asked = report.rows.front().name;
  for (const Row& row : report.rows) {
    if (!row.difference) continue;
    const std::string by =
        fmt::format("by {:.3f} ({}, p {})", std::abs(row.difference->mean), signed_range(row.difference->interval), p_text(row.difference->p));
    if (!row.differs()) {
      sentences.push_back(fmt::format("{} and {} do not differ beyond chance: {:+.3f} ({}, p {})", row.name, asked, row.difference->mean,
                                      signed_range(row.difference->interval), p_text(row.difference->p)));
    } else if (row.name == "scratch") {
      sentences.push_back(row.better() ? fmt::format("NEGATIVE TRANSFER: from random weights the same network is better than {} {}; the pretrained "
                                                     "weights do not suit these photos, try another --backbone, more of it trained, or keep scratch",
                                                     asked, by)
                                       : fmt::format("transfer helps: scratch is worse than {} {}", asked, by));
    } else {
      sentences.push_back(fmt::format("{} is {} than {} {}", row.name, row.better() ? "better" : "worse", asked, by));
    }
  }
  return sentences;
}

std::string to_table(const Report& report) {
  std::vector<std::vector<std::string>> lines;
  lines.push_back(head_of(report));
  for (const Row& row : report.rows) lines.push_back(cells(row));
  return aligned_rows(lines);
}

std::string to_markdown(const Report& report) {
  const auto line = [](const std::vector<std::string>& cell) { return fmt::format("| {} |\n", fmt::join(cell, " | ")); };
  std::string text = line(head_of(report)) + "| --- | --- | --- | --- | --- | --- |\n";
  for (const Row& row : report.rows) text += line(cells(row));
  return text;
}

nlohmann::ordered_json to_json(const Report& report) {
  const auto interval = [](const eval::Interval& i) { return std::isinf(i.low) ? nlohmann::ordered_json() : nlohmann::ordered_json{i.low, i.high}; };
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : report.rows) {
    rows.push_back({{"name", row.name}, {"value", row.value}, {"interval", interval(row.interval)}, {"runs", row.runs}});
    if (row.difference)
      rows.back()["difference"] = {{"mean", row.difference->mean}, {"interval", interval(row.difference->interval)}, {"p", row.difference->p}};
  }
  return {{"metric", report.metric == Metric::accuracy ? "accuracy" : "balanced_accuracy"},
          {"images", report.images},
          {"rows", rows},
          {"verdicts", verdicts(report)}};
}

}  // namespace graft::study
