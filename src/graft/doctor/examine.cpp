#include "graft/doctor/examine.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/photo_places.h"
#include "graft/data/scan.h"
#include "graft/doctor/classes.h"
#include "graft/doctor/files.h"
#include "graft/doctor/near_findings.h"
#include "graft/doctor/photo_features.h"
#include "graft/doctor/same_picture.h"
#include "graft/doctor/shortcuts.h"

namespace graft::doctor {

void sort_findings(std::vector<Finding>& findings) {
  const auto turn = [](const Finding& f) {
    return std::tuple(-static_cast<int>(severity_of(f)), f.kind, -f.score.value_or(0), f.photos.empty() ? 0 : f.photos.front());
  };
  std::ranges::stable_sort(findings, {}, turn);
}

Report examine(const std::filesystem::path& data, const ExamineOptions& options, ThreadPool& pool, const Begin& begin) {
  const data::Splits splits = data::open_parts(data, options.source, options.val);
  const std::filesystem::path root = data::root_of(data::existing(data));
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
  const auto features = options.features ? photo_features(report.photos, pool.size(), report.notes, begin) : std::nullopt;
  const std::vector<CopyGroup> copies =
      find_near_copies(report, {.threshold = options.copy_threshold, .features = features ? &*features : nullptr, .seed = options.seed}, pool, begin);
  if (features) find_suspicious_labels(report, *features, copies, options.seed, pool);
  find_uneven_classes(report);
  find_shortcuts(report, options.seed);
  sort_findings(report.findings);
  return report;
}

Report examine_quickly(const std::filesystem::path& data, const data::Splits& splits, std::span<const Hash128> hashes, ThreadPool& pool) {
  const std::filesystem::path root = data::root_of(data::existing(data));
  Report report{.data = printable(data.string()),
                .root = root,
                .classes = splits.classes,
                .task = splits.task,
                .parted = true,
                .photos = photos_of(splits, root),
                .findings = {},
                .notes = {}};
  glance(report.photos, hashes, pool);
  find_odd_files(report);
  find_exact_copies(report);
  find_uneven_classes(report);
  find_shortcuts(report, 0);
  sort_findings(report.findings);
  return report;
}

Leaked leaked(const Report& report) {
  const auto is_in = [&](std::size_t row, data::Part part) { return report.photos[row].part == part; };
  const auto train = static_cast<std::size_t>(std::ranges::count(report.photos, data::Part::train, &PhotoFacts::part));
  std::set<std::size_t> exact, near;
  for (const Finding& finding : report.findings) {
    if (finding.kind != Kind::exact_leak && finding.kind != Kind::near_leak) continue;
    if (std::ranges::none_of(finding.photos, [&](std::size_t row) { return is_in(row, data::Part::train); })) continue;
    for (const std::size_t row : finding.photos)
      if (is_in(row, data::Part::val)) (finding.kind == Kind::exact_leak ? exact : near).insert(row - train);
  }
  Leaked leaked{{exact.begin(), exact.end()}, {}};
  std::ranges::set_difference(near, exact, std::back_inserter(leaked.near));
  return leaked;
}

}  // namespace graft::doctor
