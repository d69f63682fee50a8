#include "graft/doctor/near_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "graft/doctor/same_picture.h"

namespace graft::doctor {
namespace {

/// By the first of several photos of the same pixels, which stands for them, the others.
std::unordered_map<std::size_t, std::vector<std::size_t>> others_of(const std::vector<PhotoFacts>& photos) {
  std::unordered_map<std::size_t, std::vector<std::size_t>> others;
  for (const std::vector<std::size_t>& rows : same_pixels(photos)) others[rows.front()] = {rows.begin() + 1, rows.end()};
  return others;
}

/// "similarity 0.97, mirrored".
std::string judged(const CopyGroup& group) {
  const std::string_view how = name_of(group.symmetry);
  return fmt::format("similarity {:.3f}{}{}", group.similarity, how.empty() ? "" : ", ", how);
}

}  // namespace

void add_findings(Report& report, const std::vector<CopyGroup>& groups) {
  const auto others = others_of(report.photos);
  for (const CopyGroup& group : groups) {
    std::vector<std::size_t> rows = group.rows;
    for (const std::size_t row : group.rows)
      if (const auto same = others.find(row); same != others.end()) rows.insert(rows.end(), same->second.begin(), same->second.end());
    for (Finding& finding : findings_of(report, std::move(rows), group.alike ? Sameness::alike : Sameness::near, group.similarity)) {
      finding.text += fmt::format(" ({})", judged(group));
      report.findings.push_back(std::move(finding));
    }
  }
}

std::vector<CopyGroup> find_near_copies(Report& report, const NearCopyOptions& options, ThreadPool& pool, const Begin& begin) {
  const auto begin_pairs = [&](std::size_t pairs) { return begin("pairs", pairs); };
  const std::vector<CopyPair> pairs = near_pairs(report.photos, options, pool, begin ? BeginPairs(begin_pairs) : nullptr);
  std::vector<CopyGroup> groups = groups_of(pairs, report.photos.size());
  add_findings(report, groups);
  return groups;
}

}  // namespace graft::doctor
