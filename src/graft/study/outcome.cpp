#include "graft/study/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "graft/artifact/finished.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"
#include "graft/data/task_labels.h"
#include "graft/eval/scores.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

using Answers = std::vector<std::pair<std::string, const data::CsvRow*>>;  // by path

constexpr std::string_view kProbability = "probability of ";

bool is_left(const std::vector<bool>& left, std::size_t i) { return !left.empty() && left[i]; }

/// The mean over the labels, or over all images, of the part that is answered rightly.
double part_right(const Outcome& outcome, bool by_label, const std::vector<bool>& left) {
  std::map<std::string_view, std::pair<double, double>> of_label;  // right, all
  for (std::size_t i = 0; i < outcome.right.size(); ++i) {
    if (is_left(left, i)) continue;
    auto& [right, all] = of_label[by_label ? std::string_view(outcome.labels[i]) : std::string_view()];
    right += outcome.right[i] ? 1 : 0;
    all += 1;
  }
  double sum = 0;
  for (const auto& [label, counts] : of_label) sum += counts.first / counts.second;
  return sum / static_cast<double>(of_label.size());
}

double mean_loss(const Outcome& outcome, const std::vector<bool>& left) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < outcome.losses.size(); ++i) {
    if (is_left(left, i)) continue;
    sum += outcome.losses[i];
    count += 1;
  }
  return sum / count;
}

/// Of the probabilities.
double evaluated(const Outcome& outcome, const std::string& score, const std::vector<bool>& left) {
  const std::size_t classes = outcome.classes.size();
  std::vector<float> probabilities, targets;
  std::vector<int> numbers;
  std::size_t rows = 0;
  const auto add_row = [&](const std::vector<float>& from, std::size_t i, std::vector<float>& to) {
    if (from.empty()) return;
    const std::span<const float> row = std::span(from).subspan(i * classes, classes);
    to.insert(to.end(), row.begin(), row.end());
  };
  for (std::size_t i = 0; i < outcome.paths.size(); ++i) {
    if (is_left(left, i)) continue;
    add_row(outcome.probabilities, i, probabilities);
    add_row(outcome.targets, i, targets);
    if (!outcome.numbers.empty()) numbers.push_back(outcome.numbers[i]);
    ++rows;
  }
  return eval::value_of(eval::evaluate({outcome.task, rows, numbers, targets}, probabilities, outcome.classes), score);
}

/// By the columns that artifact::answers_csv writes of a task.
data::Task task_by(const std::vector<std::string>& columns) {
  return std::ranges::find(columns, "probability") != columns.end() ? data::Task(data::SingleLabel{}) : data::Task(data::MultiLabel{});
}

std::size_t class_named(const Outcome& outcome, const std::string& name, const std::string& where) {
  const auto found = std::ranges::find(outcome.classes, name);
  if (found != outcome.classes.end()) return static_cast<std::size_t>(found - outcome.classes.begin());
  throw data_error(where, fmt::format("has a label '{}' without a column of its probability", printable(name)), "train the run again");
}

void add_label(data::SingleLabel /*task*/, const std::string& label, const std::string& where, Outcome& outcome) {
  outcome.numbers.push_back(static_cast<int>(class_named(outcome, label, where)));
}

void add_label(data::MultiLabel /*task*/, const std::string& label, const std::string& where, Outcome& outcome) {
  const std::size_t row = outcome.targets.size();
  outcome.targets.resize(row + outcome.classes.size());
  if (label.empty()) return;
  for (const std::string& name : split(label, data::kBetweenClasses)) outcome.targets[row + class_named(outcome, name, where)] = 1;
}

double number(const std::string& text, const std::string& where) {
  if (const auto value = number_in<double>(text)) return *value;
  throw data_error(where, fmt::format("'{}' is not a number", printable(text)), "train the run again");
}

/// What scores beyond accuracy are computed of; nothing where not every column behind the loss is a class's probability.
void read_probabilities(const std::vector<std::string>& columns, const Answers& answers, const std::string& name, Outcome& outcome) {
  const auto loss = static_cast<std::size_t>(std::ranges::find(columns, "loss") - columns.begin());
  const std::span<const std::string> behind = std::span(columns).subspan(loss + 1);
  outcome.task = task_by(columns);
  if (behind.empty() || !std::ranges::all_of(behind, [](const std::string& column) { return column.starts_with(kProbability); })) return;
  for (const std::string& column : behind) outcome.classes.push_back(column.substr(kProbability.size()));
  for (const auto& [path, row] : answers) {
    const std::string where = fmt::format("{}:{}", name, row->line);
    outcome.losses.push_back(number(row->fields[loss], where));
    for (const std::string& p : std::span(row->fields).subspan(loss + 1)) outcome.probabilities.push_back(static_cast<float>(number(p, where)));
    std::visit([&](const auto& task) { add_label(task, row->fields[1], where, outcome); }, outcome.task);
  }
}

std::optional<fit::LeakedImages> leaked_of(const fs::path& run) {
  const fs::path file = run / "eval.json";
  std::error_code code;
  if (!fs::exists(file, code)) return std::nullopt;
  try {
    return fit::leaked_in(read_json(file));
  } catch (const nlohmann::json::exception&) {
    throw data_error(printable(file.string()), "is not in the format that a run writes", "train the run again");
  }
}

}  // namespace

Outcome read_outcome(const fs::path& run) {
  const fs::path file = run / "predictions.csv";
  std::error_code code;
  if (!fs::exists(file, code)) artifact::check_measured(run);
  const std::string name = printable(file.string());
  const std::vector<std::byte> bytes = read_file(file);
  const std::vector<data::CsvRow> rows = data::parse_csv(as_text(bytes), ',', name);
  if (rows.size() < 2 || rows.front().fields.size() < 3 || rows.front().fields[0] != "path" || rows.front().fields[1] != "label" ||
      rows.front().fields[2] != "predicted")
    throw data_error(name, "is not in the format that a run writes, expected the columns path,label,predicted", "train the run again");
  const bool from_run = std::ranges::find(rows.front().fields, "loss") != rows.front().fields.end();
  const PathsIn folder(from_run ? run : fs::path());
  Answers answers;
  for (const data::CsvRow& row : std::span(rows).subspan(1)) {
    if (row.fields.size() != rows.front().fields.size())
      throw data_error(fmt::format("{}:{}", name, row.line), fmt::format("{} fields, expected {}", row.fields.size(), rows.front().fields.size()),
                       "train the run again");
    answers.emplace_back(folder.path_of(row.fields[0]).string(), &row);
  }
  std::ranges::sort(answers, {}, [](const auto& answer) { return std::tie(answer.first, answer.second->fields[1]); });
  Outcome outcome{.run = run, .leaked = leaked_of(run)};
  for (const auto& [path, row] : answers) {
    outcome.paths.push_back(path);
    outcome.labels.push_back(row->fields[1]);
    outcome.right.push_back(row->fields[1] == row->fields[2]);
  }
  if (from_run) read_probabilities(rows.front().fields, answers, name, outcome);
  return outcome;
}

double value_of(const Outcome& outcome, const std::string& score, const std::vector<bool>& left) {
  if (score == "accuracy" || (score == "balanced-accuracy" && data::one_class_each(outcome.task)))
    return part_right(outcome, score == "balanced-accuracy", left);
  eval::check_score(outcome.task, score, "--metric " + score);
  if (outcome.losses.empty())
    throw data_error(printable(outcome.run.string()), "was written by an earlier version of graft, without what " + score + " is computed from",
                     "train the run again, or compare by accuracy");
  return score == "log-loss" ? mean_loss(outcome, left) : evaluated(outcome, score, left);
}

void check_same_images(const Outcome& first, const Outcome& second) {
  const auto refuse = [&](const Outcome& run, const std::string& fact) {
    throw data_error(printable(run.run.string()), fact, "only runs that were validated on the same photos can be compared photo by photo");
  };
  const std::string other = printable(second.run.string());
  for (std::size_t i = 0; i < std::max(first.paths.size(), second.paths.size()); ++i) {
    if (i >= second.paths.size() || (i < first.paths.size() && first.paths[i] < second.paths[i]))
      refuse(first, fmt::format("was validated on {}, {} was not", first.paths[i], other));
    if (i >= first.paths.size() || second.paths[i] < first.paths[i])
      refuse(second, fmt::format("was validated on {}, {} was not", second.paths[i], printable(first.run.string())));
    if (first.labels[i] != second.labels[i])
      refuse(first, fmt::format("has {} as '{}', {} as '{}'", first.paths[i], first.labels[i], other, second.labels[i]));
  }
}

}  // namespace graft::study
