#include "graft/doctor/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/data/task_labels.h"

namespace graft::doctor {
namespace {

constexpr std::size_t kExamples = 3;

std::size_t in_part(const Report& report, data::Part part) {
  return static_cast<std::size_t>(std::ranges::count(report.photos, part, &PhotoFacts::part));
}

/// "397 photos of 2 classes: train 244, val 153".
std::string headline(const Report& report) {
  std::string text = fmt::format("{}: {} photos of {} class{}", report.data, with_commas(static_cast<long long>(report.photos.size())),
                                 report.classes.size(), report.classes.size() == 1 ? "" : "es");
  if (!report.parted) return text + "\n";
  std::vector<std::string> parts;
  for (const data::Part part : {data::Part::train, data::Part::val, data::Part::test})
    if (const std::size_t count = in_part(report, part); count > 0) parts.push_back(fmt::format("{} {}", data::to_string(part), count));
  return text + fmt::format(": {}\n", fmt::join(parts, ", "));
}

/// Sentences of their own photos, but for a finding about many photos, whose first ones are named.
std::string example(const Report& report, const Finding& finding) {
  std::string text = "  " + finding.text + "\n";
  if (finding.photos.empty() || finding.text.find('\'') != std::string::npos) return text;
  std::vector<std::string> names;
  for (const std::size_t row : finding.photos) names.push_back(report.photos[row].name);
  return text + "    " + first_few(names, kExamples) + "\n";
}

std::string of_kind(const Report& report, const KindRow& row) {
  std::vector<const Finding*> found;
  for (const Finding& finding : report.findings)
    if (finding.kind == row.kind) found.push_back(&finding);
  if (found.empty()) return {};
  std::string text =
      fmt::format("\n{}: {}{}\n", to_string(row.severity), row.title, found.size() > 1 ? fmt::format(" ({} times)", found.size()) : "");
  for (std::size_t i = 0; i < std::min(found.size(), kExamples); ++i) text += example(report, *found[i]);
  if (found.size() > kExamples) text += fmt::format("  and {} more\n", found.size() - kExamples);
  return text + fmt::format("  -> {}\n", row.advice);
}

}  // namespace

std::size_t count_of(const std::vector<Finding>& findings, Severity least) {
  return static_cast<std::size_t>(std::ranges::count_if(findings, [&](const Finding& finding) { return severity_of(finding) >= least; }));
}

std::vector<std::string> sentences_of(const std::vector<Finding>& findings, const std::function<bool(const Finding&)>& is_said) {
  std::map<Kind, std::vector<const Finding*>> kinds;
  for (const Finding& finding : findings)
    if (is_said(finding)) kinds[finding.kind].push_back(&finding);
  std::vector<std::string> sentences;
  for (const auto& [kind, of_it] : kinds)
    sentences.push_back(of_it.front()->text + (of_it.size() > 1 ? fmt::format("; and {} more such findings", of_it.size() - 1) : ""));
  return sentences;
}

std::string to_table(const Report& report) {
  std::string text = headline(report);
  if (report.findings.empty()) return text + "\nnothing was found\n";
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note})
    for (const KindRow& row : kinds())
      if (row.severity == severity) text += of_kind(report, row);
  return text;
}

nlohmann::ordered_json to_json(const Report& report, const std::optional<std::filesystem::path>& folder) {
  std::optional<PathsIn> there;
  if (folder) there.emplace(*folder);
  const auto paths = [&](const std::vector<std::size_t>& rows) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const std::size_t row : rows) {
      const std::filesystem::path& path = report.photos[row].sample.path;
      list.push_back(printable((there ? there->name_of(path) : path).string()));
    }
    return list;
  };
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const Finding& finding : report.findings) {
    nlohmann::ordered_json json{{"kind", row_of(finding.kind).name}, {"severity", to_string(severity_of(finding))}, {"text", finding.text}};
    json["score"] = finding.score ? nlohmann::ordered_json(*finding.score) : nlohmann::ordered_json();
    json["photos"] = paths(finding.photos);
    json["superfluous"] = paths(finding.superfluous);
    findings.push_back(std::move(json));
  }
  const auto exactly = [&](Severity severity) {
    return std::ranges::count_if(report.findings, [&](const Finding& finding) { return severity_of(finding) == severity; });
  };
  return {{"data", report.data},
          {"photos", report.photos.size()},
          {"classes", report.classes},
          {"parts",
           {{"train", in_part(report, data::Part::train)}, {"val", in_part(report, data::Part::val)}, {"test", in_part(report, data::Part::test)}}},
          {"errors", exactly(Severity::error)},
          {"warnings", exactly(Severity::warning)},
          {"notes", exactly(Severity::note)},
          {"findings", std::move(findings)}};
}

std::string to_csv(const Report& report, const std::filesystem::path& folder) {
  const PathsIn there(folder);
  std::string text = "finding,kind,severity,path,part,labels,score,superfluous,text\n";
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    const KindRow& row = row_of(finding.kind);
    const auto line = [&](const std::string& path, std::string_view part, const std::string& labels, bool superfluous) {
      text += fmt::format("{},{},{},{},{},{},{},{},{}\n", i + 1, row.name, to_string(row.severity), csv_field(path), part, csv_field(labels),
                          finding.score ? fmt::format("{:.6g}", *finding.score) : "", superfluous ? "yes" : "", csv_field(finding.text));
    };
    if (finding.photos.empty()) line("", "", "", false);
    for (const std::size_t photo : finding.photos) {
      const PhotoFacts& facts = report.photos[photo];
      line(there.name_of(facts.sample.path).string(), data::to_string(facts.part), data::joined_names(data::labels_on(facts.sample), report.classes),
           std::ranges::find(finding.superfluous, photo) != finding.superfluous.end());
    }
  }
  return text;
}

}  // namespace graft::doctor
