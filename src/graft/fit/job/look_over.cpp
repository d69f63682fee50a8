#include "graft/fit/job/look_over.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graft/base/error.h"
#include "graft/base/paths.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/data/photo_places.h"
#include "graft/doctor/near_findings.h"
#include "graft/doctor/print.h"
#include "graft/doctor/same_picture.h"

namespace graft::fit {
namespace {

/// Without test, which is no part of a fit.
data::Splits parts_of(const data::Splits& splits, const std::vector<data::Sample>& train, const std::vector<data::Sample>& val) {
  return {.classes = splits.classes, .train = train, .val = val, .test = {}, .task = splits.task, .notes = {}};
}

/// What the fit says in words of its own: duplicates.h, and the table of the classes.
bool is_said_elsewhere(doctor::Kind kind) {
  using enum doctor::Kind;
  return kind == exact_leak || kind == exact_conflict || kind == divided_group || kind == few_photos || kind == imbalance;
}

}  // namespace

void dedupe(Job& job) {
  const FitConfig& c = job.config.values;
  doctor::Report report;
  report.root = data::root_of(c.data);
  report.classes = job.splits.classes;
  report.task = job.splits.task;
  report.parted = true;
  report.photos = doctor::photos_of(parts_of(job.splits, job.splits.train, job.splits.val), report.root);
  doctor::gather(report.photos, job.pool, job.begin("copies", report.photos.size()));
  doctor::find_exact_copies(report);
  doctor::find_near_copies(report, {.seed = c.seed}, job.pool, [&](const std::string& what, std::size_t total) { return job.begin(what, total); });
  std::set<std::size_t> disputed, superfluous, leaks;
  for (const doctor::Finding& finding : report.findings)
    if (finding.kind == doctor::Kind::exact_conflict || finding.kind == doctor::Kind::near_conflict)
      disputed.insert(finding.photos.begin(), finding.photos.end());
  for (const doctor::Finding& finding : report.findings)
    for (const std::size_t row : finding.superfluous) {
      if (report.photos[row].part != data::Part::train || disputed.contains(row)) continue;
      superfluous.insert(row);
      if (finding.kind == doctor::Kind::exact_leak || finding.kind == doctor::Kind::near_leak) leaks.insert(row);
    }
  std::vector<data::Sample> kept;
  for (std::size_t i = 0; i < job.splits.train.size(); ++i) {
    if (superfluous.contains(i)) job.left_out.push_back(job.splits.train[i].path);
    else kept.push_back(job.splits.train[i]);
  }
  job.splits.train = std::move(kept);
  job.note(superfluous.empty()
               ? "--dedupe: no copies among the training photos"
               : fmt::format("--dedupe: {} copies are left out of training, {} of which are in validation, too; {} training images are left",
                             superfluous.size(), leaks.size(), job.splits.train.size()));
}

doctor::Report look_over(Job& job, const Photos& photos, std::span<const Hash128> hashes) {
  const FitConfig& c = job.config.values;
  doctor::Report report = doctor::examine_quickly(c.data, parts_of(job.splits, photos.train, photos.val), hashes, job.pool);
  std::size_t others = 0;
  std::set<doctor::Kind> said;
  for (const doctor::Finding& finding : report.findings) {
    if (is_said_elsewhere(finding.kind) || doctor::severity_of(finding) < doctor::Severity::warning) continue;
    if (!said.insert(finding.kind).second) ++others;
    else job.note(finding.text);
  }
  if (!report.findings.empty() && (!said.empty() || doctor::count_of(report.findings, doctor::Severity::error) > 0))
    job.note(fmt::format("{}all of it, and what to do: graft doctor {}", others > 0 ? fmt::format("{} more such findings; ", others) : "",
                         shell_word(c.data.string())));
  return report;
}

std::optional<LeakedImages> leaked_images(const doctor::Report& report, const Photos& photos, const data::Splits& splits,
                                          std::span<const float> probabilities) {
  const doctor::Leaked leaked = doctor::leaked(report);
  if (leaked.exact.empty() && leaked.near.empty()) return std::nullopt;
  const std::size_t classes = splits.classes.size();
  std::vector<data::Sample> others;
  std::vector<float> rows;
  for (std::size_t i = 0; i < photos.val.size(); ++i) {
    if (std::ranges::binary_search(leaked.exact, i) || std::ranges::binary_search(leaked.near, i)) continue;
    others.push_back(photos.val[i]);
    const auto row = probabilities.subspan(i * classes, classes);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  LeakedImages images{leaked.exact.size(), leaked.near.size(), std::nullopt};
  if (others.empty()) return images;
  const std::vector<int> labels = data::labels_of(others);
  const std::vector<float> targets = data::targets_of(splits.task, others, classes);
  images.accuracy = eval::value_of(eval::evaluate({splits.task, others.size(), labels, targets}, rows, splits.classes), "accuracy");
  return images;
}

nlohmann::ordered_json to_json(const LeakedImages& leaked) {
  return {{"exact", leaked.exact},
          {"near", leaked.near},
          {"accuracy_without", leaked.accuracy ? nlohmann::ordered_json(*leaked.accuracy) : nlohmann::ordered_json()}};
}

nlohmann::ordered_json doctor_record(const doctor::Report& report, const Job& job, const std::optional<LeakedImages>& leaked) {
  const std::filesystem::path& run = *job.config.values.out;
  nlohmann::ordered_json json = doctor::to_json(report, run);
  json["left_out"] = nlohmann::ordered_json::array();
  const PathsIn there(run);
  for (const std::filesystem::path& path : job.left_out) json["left_out"].push_back(printable(there.name_of(path).string()));
  if (leaked) json["leaked"] = to_json(*leaked);
  return json;
}

}  // namespace graft::fit
