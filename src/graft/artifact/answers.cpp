#include "graft/artifact/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"
#include "graft/data/multi_label.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/multi_label.h"

namespace graft::artifact {
namespace fs = std::filesystem;
namespace {

std::string joined(std::span<const int> labels, std::span<const std::string> classes) {
  std::vector<std::string> names;
  for (const int label : labels) names.push_back(classes[static_cast<std::size_t>(label)]);
  return fmt::format("{}", fmt::join(names, std::string(1, data::kBetweenClasses)));
}

/// Behind the path, and before the probabilities of all classes.
std::string single_label(const data::Sample& sample, std::span<const float> row, std::span<const std::string> classes, double loss) {
  const eval::Ranked best = eval::top_k(row, 1).front();
  return fmt::format(",{},{},{:.6f},{:.6f}", csv_field(classes[static_cast<std::size_t>(sample.label)]),
                     csv_field(classes[static_cast<std::size_t>(best.label)]), best.probability, loss);
}

std::string multi_label(const data::Sample& sample, std::span<const float> row, std::span<const std::string> classes, double loss) {
  return fmt::format(",{},{},{:.6f}", csv_field(joined(sample.labels, classes)), csv_field(joined(eval::above_threshold(row), classes)), loss);
}

}  // namespace

std::string answers_csv(std::span<const data::Sample> samples, std::span<const float> probabilities, std::span<const std::string> classes, Task task,
                        const fs::path& folder) {
  const bool several = task == Task::multi_label;
  const std::vector<float> targets = several ? data::targets_of(samples, classes.size()) : std::vector<float>();
  const auto row = [&](std::span<const float> values, std::size_t i) { return values.subspan(i * classes.size(), classes.size()); };
  std::vector<double> loss(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i)
    loss[i] =
        0.0 + (several ? eval::log_loss(row(probabilities, i), row(targets, i)) : eval::log_loss(row(probabilities, i), samples[i].label));  // no -0
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return std::tie(loss[b], samples[a].path) < std::tie(loss[a], samples[b].path); });

  const PathsIn here(folder);
  std::string csv = several ? "path,label,predicted,loss" : "path,label,predicted,probability,loss";
  for (const std::string& name : classes) csv += "," + csv_field("probability of " + name);
  csv += '\n';
  for (const std::size_t i : order) {
    csv += csv_field(printable(here.name_of(samples[i].path).string()));
    csv += (several ? multi_label : single_label)(samples[i], row(probabilities, i), classes, loss[i]);
    for (const float p : row(probabilities, i)) csv += fmt::format(",{:.6f}", p);
    csv += '\n';
  }
  return csv;
}

std::string moved_answers(std::string_view csv, const fs::path& from, const fs::path& to, std::string_view name) {
  const PathsIn before(from), now(to);
  std::string moved;
  bool header = true;
  for (data::CsvRow& row : data::parse_csv(csv, ',', name)) {
    if (!header) row.fields[0] = now.name_of(before.path_of(row.fields[0])).string();
    header = false;
    for (std::size_t i = 0; i < row.fields.size(); ++i) moved += (i == 0 ? "" : ",") + csv_field(row.fields[i]);
    moved += '\n';
  }
  return moved;
}

}  // namespace graft::artifact
