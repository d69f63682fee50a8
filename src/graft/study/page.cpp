#include "graft/study/page.h"

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/report/page.h"
#include "graft/study/report.h"
#include "graft/study/study.h"
#include "graft/study/trainings.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostRuns = 8;

std::optional<fs::path> comparison_in(const fs::path& folder) {
  std::error_code code;
  for (const char* name : {"comparison.json", "ablation.json"})
    if (fs::is_regular_file(folder / kRecord, code) && fs::is_regular_file(folder / name, code)) return folder / name;
  return {};
}

bool is_finished(const fs::path& run) {
  std::error_code code;
  return fs::is_regular_file(run / "eval.json", code) && fs::is_regular_file(run / "predictions.csv", code);
}

/// The run whose files the study deploys, which are hard links of them; the study itself where there is none any more.
void put_first(const fs::path& study, std::vector<fs::path>& runs) {
  const auto deployed = std::ranges::find_if(runs, [&](const fs::path& run) {
    std::error_code code;
    return fs::equivalent(run / "model.onnx", study / "model.onnx", code);
  });
  if (deployed == runs.end()) runs.insert(runs.begin(), study);
  else std::rotate(runs.begin(), deployed, deployed + 1);
}

}  // namespace

bool has_comparison(const fs::path& folder) { return comparison_in(folder).has_value(); }

std::string study_page(const fs::path& folder, ThreadPool& pool, report::Language language) {
  std::vector<fs::path> folders;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "runs", code))
    if (is_finished(entry.path())) folders.push_back(entry.path());
  const nlohmann::ordered_json found = read_json(comparison_in(folder).value());
  const auto is_compared = [&](const fs::path& run) {  // NAME, or NAME-seed3: of `graft tune` there are trials, too
    return std::ranges::any_of(found.at("rows"),
                               [&](const auto& row) { return run.filename().string().starts_with(row.at("name").template get<std::string>()); });
  };
  std::ranges::sort(folders);
  std::ranges::stable_partition(folders, is_compared);
  if (is_finished(folder)) put_first(folder, folders);
  folders.resize(std::min(folders.size(), kMostRuns));
  if (folders.empty()) throw data_error(folder.string(), "has no finished run", "continue the study first");
  std::vector<report::ReportedRun> runs;
  for (const fs::path& run : folders) runs.push_back(report::run_in(run));
  return report::report_page(runs, pool, language, {.found = found, .why_not = {}});
}

void write_page(const fs::path& folder, int threads) {
  ThreadPool pool(threads);
  if (is_finished(folder)) report::write_pictures(report::run_in(folder));
  if (report::has_page()) write_file(folder / report::kPage, study_page(folder, pool));
}

std::string page_of_runs(const std::vector<fs::path>& folders, ThreadPool& pool, report::Language language) {
  std::vector<report::ReportedRun> runs;
  for (const fs::path& folder : folders) runs.push_back(report::run_in(folder));
  if (runs.size() == 1) runs.front().heat_maps = true;
  report::Comparison comparison;
  if (folders.size() > 1) {
    try {
      comparison.found = to_json(compare_runs(folders));
    } catch (const Error& error) {
      comparison.why_not = error.what();
    }
  }
  return report::report_page(runs, pool, language, comparison);
}

}  // namespace graft::study
