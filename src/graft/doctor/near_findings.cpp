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

std::vector<CopyGroup> find_near_copies(Report& report, const NearCopyOptions& options, ThreadPool& pool, const Begin& begin) {
  const auto begin_pairs = [&](std::size_t pairs) { return begin("pairs", pairs); };
  std::vector<CopyGroup> groups =
      groups_of(near_pairs(report.photos, options, pool, begin ? BeginPairs(begin_pairs) : nullptr), report.photos.size());
  const auto others = others_of(report.photos);
  for (CopyGroup& group : groups) {
    for (std::size_t i = 0, found = group.rows.size(); i < found; ++i)
      if (const auto same = others.find(group.rows[i]); same != others.end())
        group.rows.insert(group.rows.end(), same->second.begin(), same->second.end());
    std::ranges::sort(group.rows);
    for (Finding& finding : findings_of(report, group.rows, Sameness::near, group.similarity)) {
      finding.text += fmt::format(" ({})", judged(group));
      report.findings.push_back(std::move(finding));
    }
  }
  return groups;
}

}  // namespace graft::doctor
