#include "graft/study/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"

namespace graft::study {
namespace fs = std::filesystem;

Outcome read_outcome(const fs::path& run) {
  const fs::path file = run / "predictions.csv";
  std::error_code code;
  if (!fs::exists(run, code)) throw data_error(printable(run.string()), "no such run", "give the folder of a finished run");
  if (!fs::exists(file, code))
    throw data_error(printable(run.string()), "has no predictions.csv, which every finished run has", "give the folder of a finished run");
  const std::string name = printable(file.string());
  const std::vector<std::byte> bytes = read_file(file);
  const std::vector<data::CsvRow> rows = data::parse_csv(as_text(bytes), ',', name);
  if (rows.size() < 2 || rows.front().fields.size() < 3 || rows.front().fields[0] != "path" || rows.front().fields[1] != "label" ||
      rows.front().fields[2] != "predicted")
    throw data_error(name, "is not what a run writes, expected the columns path,label,predicted", "train the run again");
  const bool from_run = std::ranges::find(rows.front().fields, "loss") != rows.front().fields.end();
  const PathsIn folder(from_run ? run : fs::path());
  std::vector<std::tuple<std::string, std::string, bool>> answers;
  for (const data::CsvRow& row : std::span(rows).subspan(1)) {
    if (row.fields.size() != rows.front().fields.size())
      throw data_error(fmt::format("{}:{}", name, row.line), fmt::format("{} fields, expected {}", row.fields.size(), rows.front().fields.size()),
                       "train the run again");
    answers.emplace_back(folder.path_of(row.fields[0]).string(), row.fields[1], row.fields[1] == row.fields[2]);
  }
  std::ranges::sort(answers);
  Outcome outcome{.run = run};
  for (auto& [path, label, right] : answers) {
    outcome.paths.push_back(std::move(path));
    outcome.labels.push_back(std::move(label));
    outcome.right.push_back(right);
  }
  return outcome;
}

double value_of(const Outcome& outcome, Metric metric) {
  std::map<std::string_view, std::pair<double, double>> of_label;  // right, all
  for (std::size_t i = 0; i < outcome.right.size(); ++i) {
    auto& [right, all] = of_label[metric == Metric::accuracy ? std::string_view() : std::string_view(outcome.labels[i])];
    right += outcome.right[i] ? 1 : 0;
    all += 1;
  }
  double sum = 0;
  for (const auto& [label, counts] : of_label) sum += counts.first / counts.second;
  return sum / static_cast<double>(of_label.size());
}

void check_same_images(const Outcome& first, const Outcome& second) {
  const auto refuse = [&](const Outcome& run, const std::string& fact) {
    throw data_error(printable(run.run.string()), fact, "only runs that were validated on the same images can be compared image by image");
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
