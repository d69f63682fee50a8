#include "graft/study/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/base/wrap.h"
#include "graft/eval/scores.h"

namespace graft::study {
namespace {

/// Whether its images count one by one, each as right or not.
bool by_answers(const std::string& score) { return score == "accuracy" || score == "balanced-accuracy"; }

/// What a score, or a difference of two, can be.
eval::Interval range_of(const std::string& score, bool difference) {
  const eval::ScoreKind& kind = eval::score_named(score);
  const double most = kind.higher_is_better ? 1 : INFINITY;
  return {difference ? kind.lowest - most : kind.lowest, difference ? most - kind.lowest : most};
}

/// By the jackknife, of a mean over the runs of a score, or of its differences to those of `others`, all of the same images.
double variance_of_score(const std::vector<Outcome>& runs, const std::vector<Outcome>* others, const std::string& score) {
  const std::size_t images = runs.front().paths.size();
  if (images < 2) return INFINITY;
  return eval::jackknife_variance(images, [&](const std::vector<bool>& left) {
    double sum = 0;
    for (std::size_t run = 0; run < runs.size(); ++run)
      sum += value_of(runs[run], score, left) - (others != nullptr ? value_of((*others)[run], score, left) : 0);
    return sum / static_cast<double>(runs.size());
  });
}

/// The same, each run of images of its own.
double variance_of_scores(const std::vector<Outcome>& runs, const std::vector<Outcome>* others, const std::string& score) {
  const auto n = static_cast<double>(runs.size());
  double sum = 0;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::vector<Outcome> one{runs[run]}, other = others != nullptr ? std::vector{(*others)[run]} : std::vector<Outcome>();
    sum += variance_of_score(one, others != nullptr ? &other : nullptr, score) / (n * n);
  }
  return sum;
}

/// The same where every image counts as right or not; `shared`: by all runs.
double variance_of_answers(const std::vector<Outcome>& runs, const std::vector<Outcome>* others, bool shared, const eval::Interval& range) {
  const auto n = static_cast<double>(runs.size());
  std::vector<double> of_images(shared ? runs.front().right.size() : 0);
  for (std::size_t run = 0; run < runs.size(); ++run)
    for (std::size_t i = 0; i < runs[run].right.size(); ++i) {
      const double value = (runs[run].right[i] ? 1.0 : 0.0) - (others != nullptr && (*others)[run].right[i] ? 1.0 : 0.0);
      if (shared) of_images[i] += value / n;
      else of_images.push_back(value);
    }
  return eval::image_variance(of_images, range);
}

eval::Mean within(eval::Mean mean, const eval::Interval& range) {
  mean.interval = {std::max(mean.interval.low, range.low), std::min(mean.interval.high, range.high)};
  return mean;
}

/// The mean of a number that each run has, or of its differences to those of `others`. Where all runs were judged on the same images, the error of
/// these is added to that of the runs; if each run had its own photos, it is included in theirs, which is then at least that of as many photos.
eval::Mean mean_over(const std::vector<double>& values, const std::vector<Outcome>& runs, const std::vector<Outcome>* others,
                     const std::string& score, double overlap) {
  const bool shared = std::ranges::all_of(runs, [&](const Outcome& run) { return run.paths == runs.front().paths; });
  const eval::Interval range = range_of(score, others != nullptr);
  double variance = by_answers(score) ? variance_of_answers(runs, others, shared, range)
                    : shared          ? variance_of_score(runs, others, score)
                                      : variance_of_scores(runs, others, score);
  if (!shared) variance = std::max(0.0, variance - eval::mean_of(values, overlap).of_runs);
  return within(eval::mean_of(values, overlap, variance), range);
}

/// Of a single run.
eval::Interval interval_of(const Outcome& run, double value, const std::string& score) {
  if (score == "accuracy") return eval::wilson(std::ranges::count(run.right, true), static_cast<long>(run.right.size()));
  if (by_answers(score)) return eval::mean_of(std::vector{value}).interval;
  return mean_over({value}, {run}, nullptr, score, 0).interval;
}

Row row_of(const std::string& name, const std::vector<Outcome>& runs, const std::string& score, double overlap) {
  std::vector<double> values;
  for (const Outcome& run : runs) values.push_back(value_of(run, score));
  Row row{.name = name, .value = values.front(), .interval = {}, .runs = runs.size(), .higher_is_better = eval::score_named(score).higher_is_better};
  const auto leaked = [](const Outcome& run) { return run.leaked ? run.leaked->exact + run.leaked->near : 0; };
  row.leaked = std::ranges::max(runs, {}, leaked).leaked;
  if (runs.size() == 1) {
    row.interval = interval_of(runs.front(), row.value, score);
    return row;
  }
  const eval::Mean mean = mean_over(values, runs, nullptr, score, overlap);
  row.value = mean.mean;
  row.interval = mean.interval;
  return row;
}

Row::Difference difference_of(const std::vector<Outcome>& runs, const std::vector<Outcome>& first, const std::string& score, double overlap) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    check_same_images(runs[i], first[i]);
    differences.push_back(value_of(runs[i], score) - value_of(first[i], score));
  }
  if (runs.size() == 1 && by_answers(score)) {
    const eval::Paired paired = eval::compare(runs.front().right, first.front().right);
    return {paired.difference, paired.interval, paired.p};
  }
  const eval::Mean mean = mean_over(differences, runs, &first, score, overlap);
  return {mean.mean, mean.interval, mean.p};
}

std::string range(const eval::Interval& interval) {
  return std::isinf(interval.low) ? "" : fmt::format("{:.3f} to {:.3f}", interval.low, interval.high);
}

std::string signed_range(const eval::Interval& interval) { return fmt::format("{:+.3f} to {:+.3f}", interval.low, interval.high); }

std::string p_text(double p) { return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p); }

/// The cells of a row, as table and Markdown show them.
std::vector<std::string> cells(const Row& row) {
  std::vector<std::string> text = {row.name, fmt::format("{:.3f}", row.value), range(row.interval), "", "", ""};
  if (!row.difference) return text;
  text[3] = fmt::format("{:+.3f}", row.difference->mean);
  text[4] = signed_range(row.difference->interval);
  text[5] = p_text(row.difference->p);
  return text;
}

std::vector<std::string> head_of(const Report& report) {
  return {"", std::string(eval::score_named(report.score).title), "95 %", "difference", "95 %", "p"};
}

}  // namespace

Report make_report(const std::vector<std::string>& names, const std::vector<std::vector<Outcome>>& outcomes, const std::string& score,
                   double overlap) {
  Report report{.score = score, .images = outcomes.front().front().right.size()};
  std::vector<double> p;
  for (std::size_t i = 0; i < names.size(); ++i) {
    report.rows.push_back(row_of(names[i], outcomes[i], score, overlap));
    if (i == 0) continue;
    report.rows.back().difference = difference_of(outcomes[i], outcomes.front(), score, overlap);
    p.push_back(report.rows.back().difference->p);
  }
  const std::vector<double> adjusted = eval::holm(p);
  for (std::size_t i = 0; i < adjusted.size(); ++i) report.rows[i + 1].difference->p = adjusted[i];
  return report;
}

std::size_t best_row(const Report& report) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < report.rows.size(); ++i)
    if (report.rows[i].better() && (best == 0 || (report.rows[i].value > report.rows[best].value) == report.rows[i].higher_is_better)) best = i;
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

std::vector<std::string> leaks(const Report& report) {
  std::vector<std::string> sentences;
  for (const Row& row : report.rows)
    if (row.leaked)
      sentences.push_back(
          fmt::format("{}{}: {}", row.name, row.runs > 1 ? fmt::format(" (the worst of {} runs)", row.runs) : "", sentence_of(*row.leaked)));
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
  for (const std::string& sentence : leaks(report)) text += "\n" + sentence + "\n";
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
  std::string metric = report.score;
  std::ranges::replace(metric, '-', '_');
  return {{"metric", metric}, {"images", report.images}, {"rows", rows}, {"verdicts", verdicts(report)}, {"leaks", leaks(report)}};
}

}  // namespace graft::study
