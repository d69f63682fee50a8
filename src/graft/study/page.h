// The report of a study: its comparison, the run that is deployed, and some of the others.
#pragma once

#include <filesystem>
#include <string>

#include "graft/base/thread_pool.h"
#include "graft/report/report.h"

namespace graft::study {

/// Whether the folder is that of a study with results.
bool has_comparison(const std::filesystem::path& folder);

/// The page of such a folder. If there are many runs, the first by name. Errors as report::report_page.
std::string study_page(const std::filesystem::path& folder, ThreadPool& pool, report::Language language = report::Language::automatic);

/// Writes RUN/report.html, and the pictures of the deployed run.
void write_page(const std::filesystem::path& folder, int threads);

/// Runs side by side; a single one with heat maps. Runs that cannot be compared photo by photo are shown with the reason. Errors as report::report_page.
std::string page_of_runs(const std::vector<std::filesystem::path>& folders, ThreadPool& pool,
                         report::Language language = report::Language::automatic);

}  // namespace graft::study
