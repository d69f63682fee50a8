#include "graft/artifact/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"
#include "graft/data/task_labels.h"
#include "graft/eval/scores.h"

namespace graft::artifact {
namespace fs = std::filesystem;
namespace {

std::string columns_of(data::SingleLabel /*task*/) { return "path,label,predicted,probability,loss"; }
std::string columns_of(data::MultiLabel /*task*/) { return "path,label,predicted,loss"; }

/// Behind the path, and before the probabilities of all classes.
std::string fields_of(data::SingleLabel /*task*/, const data::Sample& sample, std::span<const float> row, std::span<const std::string> classes,
                      double loss) {
  const eval::Ranked best = eval::top_k(row, 1).front();
  return fmt::format(",{},{},{:.6f},{:.6f}", csv_field(classes[static_cast<std::size_t>(sample.label)]),
                     csv_field(classes[static_cast<std::size_t>(best.label)]), best.probability, loss);
}

std::string fields_of(data::MultiLabel /*task*/, const data::Sample& sample, std::span<const float> row, std::span<const std::string> classes,
                      double loss) {
  return fmt::format(",{},{},{:.6f}", csv_field(data::joined_names(sample.labels, classes)),
                     csv_field(data::joined_names(eval::above_threshold(row), classes)), loss);
}

}  // namespace

std::string answers_csv(std::span<const data::Sample> samples, std::span<const float> probabilities, std::span<const std::string> classes,
                        const data::Task& task, const fs::path& folder) {
  const std::vector<int> labels = data::labels_of(samples);
  const std::vector<float> targets = data::targets_of(task, samples, classes.size());
  const eval::Truth truth{task, samples.size(), labels, targets};
  const auto row = [&](std::span<const float> values, std::size_t i) { return values.subspan(i * classes.size(), classes.size()); };
  std::vector<double> loss(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) loss[i] = 0.0 + eval::log_loss_of(truth, i, row(probabilities, i));  // no -0
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return std::tie(loss[b], samples[a].path) < std::tie(loss[a], samples[b].path); });

  const PathsIn here(folder);
  std::string csv = std::visit([](const auto& t) { return columns_of(t); }, task);
  for (const std::string& name : classes) csv += "," + csv_field("probability of " + name);
  csv += '\n';
  for (const std::size_t i : order) {
    csv += csv_field(printable(here.name_of(samples[i].path).string()));
    csv += std::visit([&](const auto& t) { return fields_of(t, samples[i], row(probabilities, i), classes, loss[i]); }, task);
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
