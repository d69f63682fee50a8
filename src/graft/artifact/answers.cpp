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

struct Photo {
  const data::Sample& sample;
  std::span<const float> row;  // of probabilities
  const trust::Decision& decision;
  double loss;
};

std::string columns_of(data::SingleLabel /*task*/) { return "path,label,predicted,probability"; }
std::string columns_of(data::MultiLabel /*task*/) { return "path,label,predicted"; }

/// Of those columns, behind the path.
std::string fields_of(data::SingleLabel /*task*/, const Photo& photo, std::span<const std::string> classes) {
  const auto said = static_cast<std::size_t>(photo.decision.classes.front());
  return fmt::format(",{},{},{:.6f}", csv_field(classes[static_cast<std::size_t>(photo.sample.label)]), csv_field(classes[said]), photo.row[said]);
}

std::string fields_of(data::MultiLabel /*task*/, const Photo& photo, std::span<const std::string> classes) {
  return fmt::format(",{},{}", csv_field(data::joined_names(photo.sample.labels, classes)),
                     csv_field(data::joined_names(photo.decision.classes, classes)));
}

/// What the rules add, the loss, and the probabilities of all classes.
std::string rest_of(const Photo& photo, std::span<const std::string> classes) {
  std::string fields;
  if (photo.decision.cost) fields += fmt::format(",{:.6g}", *photo.decision.cost);
  if (photo.decision.set) fields += "," + csv_field(data::joined_names(*photo.decision.set, classes));
  fields += fmt::format(",{:.6f}", photo.loss);
  for (const float p : photo.row) fields += fmt::format(",{:.6f}", p);
  return fields;
}

}  // namespace

std::string answers_csv(std::span<const data::Sample> samples, std::span<const float> probabilities, std::span<const trust::Decision> decisions,
                        const ModelCard& card, const fs::path& folder) {
  const std::vector<std::string>& classes = card.labels;
  const std::vector<int> labels = data::labels_of(samples);
  const std::vector<float> targets = data::targets_of(card.task, samples, classes.size());
  const eval::Truth truth{card.task, samples.size(), labels, targets};
  const auto row = [&](std::size_t i) { return probabilities.subspan(i * classes.size(), classes.size()); };
  std::vector<double> loss(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) loss[i] = 0.0 + eval::log_loss_of(truth, i, row(i));  // no -0
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return std::tie(loss[b], samples[a].path) < std::tie(loss[a], samples[b].path); });

  const PathsIn here(folder);
  std::string csv = std::visit([](const auto& t) { return columns_of(t); }, card.task);
  csv += fmt::format("{}{},loss", card.trust.costs ? ",expected_cost" : "", card.trust.sets ? ",set" : "");
  for (const std::string& name : classes) csv += "," + csv_field("probability of " + name);
  csv += '\n';
  for (const std::size_t i : order) {
    const Photo photo{samples[i], row(i), decisions[i], loss[i]};
    csv += csv_field(printable(here.name_of(samples[i].path).string()));
    csv += std::visit([&](const auto& t) { return fields_of(t, photo, classes); }, card.task) + rest_of(photo, classes) + "\n";
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
