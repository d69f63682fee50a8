// The report of a study: its comparison, the run that is deployed, and some of the others.
#pragma once

#include <filesystem>
#include <string>

#include "graft/base/thread_pool.h"
#include "graft/report/report.h"

namespace graft::study {

/// Whether the folder is that of a study that has found something.
bool has_comparison(const std::filesystem::path& folder);

/// Of such a folder. Of many runs the first, by their names. Errors as report::report_page.
std::string study_page(const std::filesystem::path& folder, ThreadPool& pool, report::Language language = report::Language::automatic);

/// RUN/report.html, and the pictures of the run that is deployed.
void write_page(const std::filesystem::path& folder, int threads);

/// Runs side by side, of one alone with heat maps; those that cannot be compared photo by photo are shown with the reason. Errors as report::report_page.
std::string page_of_runs(const std::vector<std::filesystem::path>& folders, ThreadPool& pool,
                         report::Language language = report::Language::automatic);

}  // namespace graft::study
