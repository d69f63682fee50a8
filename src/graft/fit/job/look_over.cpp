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
#include "graft/doctor/near_leaks.h"
#include "graft/doctor/print.h"
#include "graft/doctor/same_picture.h"

namespace graft::fit {
namespace {

/// Without test, which is no part of a fit.
data::Splits parts_of(const data::Splits& splits, const std::vector<data::Sample>& train, const std::vector<data::Sample>& val) {
  return {.classes = splits.classes, .train = train, .val = val, .test = {}, .task = splits.task, .notes = {}};
}

/// Not what the table of the classes, and the reader of the parts, say in words of their own.
bool is_said(const doctor::Finding& finding) {
  using enum doctor::Kind;
  const bool elsewhere = finding.kind == divided_group || finding.kind == few_photos || finding.kind == imbalance;
  return !elsewhere && (doctor::severity_of(finding) >= doctor::Severity::warning || finding.kind == look_alikes);
}

void say(const Job& job, const doctor::Report& report) {
  const std::vector<std::string> sentences = doctor::sentences_of(report.findings, is_said);
  for (const std::string& sentence : sentences) job.note(sentence);
  if (!sentences.empty()) job.note(fmt::format("all of it, and what to do: graft doctor {}", shell_word(job.config.values.data.string())));
}

void find_near_leaks(Job& job, const doctor::Report& report, const BothFeatures& features, Start& start) {
  const doctor::NearLeaks leaks = doctor::near_leaks(report.photos, features.train, features.val, job.pool);
  const auto add = [&](const std::vector<doctor::CopyPair>& pairs, bool same) {
    for (const doctor::CopyPair& pair : pairs)
      start.near_leaks.push_back({{"photos", {pair.a, pair.b}}, {"same", same}, {"similarity", pair.similarity}, {"alike", pair.alike}});
  };
  add(leaks.same, true);
  add(leaks.near, false);
}

void add_near_leaks(const Start& start, doctor::Report& report) {
  std::vector<doctor::CopyPair> near;
  for (const auto& leak : start.near_leaks) {
    const doctor::CopyPair pair{leak.at("photos").at(0), leak.at("photos").at(1), leak.at("similarity"), {}, leak.at("alike")};
    if (!leak.at("same")) {
      near.push_back(pair);
      continue;
    }
    for (doctor::Finding& finding : doctor::findings_of(report, {pair.a, pair.b}, doctor::Sameness::exact))
      report.findings.push_back(std::move(finding));
  }
  doctor::add_findings(report, doctor::groups_of(near, report.photos.size()));
  doctor::sort_findings(report.findings);
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
  if (c.dedupe_near)
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
  const char* option = c.dedupe_near ? "--dedupe-near" : "--dedupe";
  job.note(superfluous.empty() ? fmt::format("{}: no copies among the training photos", option)
                               : fmt::format("{}: {} copies are left out of training, {} of which are also in validation; {} training photos remain",
                                             option, superfluous.size(), leaks.size(), job.splits.train.size()));
}

doctor::Report look_over(Job& job, const Photos& photos, Start& start, const std::optional<BothFeatures>& features) {
  doctor::Report report = doctor::examine_quickly(job.config.values.data, parts_of(job.splits, photos.train, photos.val), start.hashes, job.pool);
  if (features) find_near_leaks(job, report, *features, start);
  add_near_leaks(start, report);
  say(job, report);
  return report;
}

nlohmann::ordered_json doctor_record(const doctor::Report& report, const Job& job) {
  const std::filesystem::path& run = *job.config.values.out;
  nlohmann::ordered_json json = doctor::to_json(report, run);
  json["left_out"] = nlohmann::ordered_json::array();
  const PathsIn there(run);
  for (const std::filesystem::path& path : job.left_out) json["left_out"].push_back(printable(there.name_of(path).string()));
  return json;
}

}  // namespace graft::fit
