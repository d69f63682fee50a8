// report.html: the results of a run, for people. Everything in it comes from the run's own files; no number is computed again.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/report/thumbnails.h"

namespace graft::report {

inline constexpr const char* kPage = "report.html";
inline constexpr std::size_t kMostPhotos = 240;  // with their picture in a page

enum class Language { automatic, english, chinese };

struct ReportedRun {
  std::filesystem::path folder;  // where its files are now
  std::filesystem::path place;   // where it will be: paths in its files are relative to that
  std::string name;              // for people
  Pictures pictures = {};        // pictures of its photos that exist already, by the photos' names in its files
  bool heat_maps = false;        // for the photos with a closer look; this takes the time of running the model on them
};

/// `folder` is where it stays.
ReportedRun run_in(const std::filesystem::path& folder);

/// What several runs have in common.
struct Comparison {
  nlohmann::ordered_json found = {};  // comparison.json, or ablation.json; null: none
  std::string why_not;                // why they cannot be compared photo by photo, where that is so
};

/// curves.svg and confusion.svg, as far as the run has their numbers.
void write_pictures(const ReportedRun& run);

/// The page of one run, or of several side by side. Error (data) for no such run, one that is not finished, and damaged files.
std::string report_page(const std::vector<ReportedRun>& runs, ThreadPool& pool, Language language = Language::automatic,
                        const Comparison& comparison = {});

}  // namespace graft::report
