#include "graft/doctor/examine.h"

#include <algorithm>
#include <tuple>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/scan.h"
#include "graft/doctor/classes.h"
#include "graft/doctor/files.h"
#include "graft/doctor/same_picture.h"
#include "graft/doctor/shortcuts.h"

namespace graft::doctor {
namespace {

/// What the names of its photos are relative to: the folder, or that of the table.
std::filesystem::path root_of(const std::filesystem::path& data) {
  const std::filesystem::path path = data::existing(data);
  return std::filesystem::is_directory(path) ? path : path.parent_path();
}

}  // namespace

void sort_findings(std::vector<Finding>& findings) {
  const auto turn = [](const Finding& f) {
    return std::tuple(-static_cast<int>(severity_of(f)), f.kind, -f.score.value_or(0), f.photos.empty() ? 0 : f.photos.front());
  };
  std::ranges::stable_sort(findings, {}, turn);
}

Report examine(const std::filesystem::path& data, const ExamineOptions& options, ThreadPool& pool, const Begin& begin) {
  const data::Splits splits = data::open_parts(data, options.source, options.val);
  const std::filesystem::path root = root_of(data);
  Report report{.data = printable(data.string()),
                .root = root,
                .classes = splits.classes,
                .task = splits.task,
                .parted = !splits.val.empty() || !splits.test.empty(),
                .photos = photos_of(splits, root),
                .findings = {},
                .notes = splits.notes};
  gather(report.photos, pool, begin ? begin("photos", report.photos.size()) : nullptr);
  find_odd_files(report);
  find_exact_copies(report);
  find_uneven_classes(report);
  find_shortcuts(report, options.seed);
  sort_findings(report.findings);
  return report;
}

}  // namespace graft::doctor
