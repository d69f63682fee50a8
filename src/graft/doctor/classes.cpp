#include "graft/doctor/classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "graft/base/text.h"

namespace graft::doctor {
namespace {

/// Readable photos of each class in a part.
std::vector<std::size_t> sizes(const Report& report, data::Part part) {
  std::vector<std::size_t> count(report.classes.size());
  for (const PhotoFacts& photo : report.photos)
    if (photo.part == part && photo.readable())
      for (const int label : data::labels_on(photo.sample)) ++count[static_cast<std::size_t>(label)];
  return count;
}

std::vector<std::size_t> rows_of(const Report& report, data::Part part, const std::vector<std::size_t>& classes) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < report.photos.size(); ++i)
    if (report.photos[i].part == part &&
        std::ranges::any_of(classes, [&](std::size_t k) { return data::has(report.photos[i].sample, static_cast<int>(k)); }))
      rows.push_back(i);
  return rows;
}

std::vector<std::string> with_counts(const Report& report, const std::vector<std::size_t>& classes, const std::vector<std::size_t>& count) {
  std::vector<std::string> names;
  for (const std::size_t k : classes) names.push_back(fmt::format("{}: {}", report.classes[k], count[k]));
  return names;
}

void find_few(Report& report, const std::vector<std::size_t>& train) {
  std::vector<std::size_t> few;
  for (std::size_t k = 0; k < train.size(); ++k)
    if (train[k] < kFewPhotos) few.push_back(k);
  if (!few.empty())
    report.findings.push_back({.kind = Kind::few_photos,
                               .photos = rows_of(report, data::Part::train, few),
                               .text = fmt::format("fewer than {} {} photos: {}", kFewPhotos, report.parted ? "training" : "readable",
                                                   first_few(with_counts(report, few, train)))});
  for (const data::Part part : {data::Part::val, data::Part::test}) {
    const std::vector<std::size_t> count = sizes(report, part);
    std::vector<std::string> none;
    for (std::size_t k = 0; k < count.size(); ++k)
      if (count[k] == 0) none.push_back(report.classes[k]);
    if (!none.empty() && none.size() < count.size())
      report.findings.push_back(
          {.kind = Kind::few_photos, .photos = {}, .text = fmt::format("no photo in {}: {}", data::to_string(part), first_few(none))});
  }
}

void find_imbalance(Report& report, const std::vector<std::size_t>& train) {
  const auto [smallest, largest] = std::ranges::minmax_element(train);
  if (*smallest == 0) return;  // said already
  const double times = static_cast<double>(*largest) / static_cast<double>(*smallest);
  if (times < kImbalance) return;
  const auto named = [&](auto it) { return report.classes[static_cast<std::size_t>(it - train.begin())]; };
  report.findings.push_back(
      {.kind = Kind::imbalance,
       .photos = {},
       .text = fmt::format("'{}' has {} photos, '{}' {}: {:.1f} times as many", named(largest), with_commas(static_cast<long long>(*largest)),
                           named(smallest), with_commas(static_cast<long long>(*smallest)), times),
       .score = times});
}

void find_divided_groups(Report& report) {
  std::map<std::string_view, std::set<data::Part>> parts;
  for (const PhotoFacts& photo : report.photos)
    if (!photo.sample.group.empty()) parts[photo.sample.group].insert(photo.part);
  std::vector<std::string> divided;
  for (const auto& [group, in] : parts)
    if (in.size() > 1) divided.emplace_back(group);
  if (divided.empty()) return;
  std::vector<std::string> names;
  for (const std::string& group : divided) names.push_back(printable(group));
  Finding finding{.kind = Kind::divided_group,
                  .photos = {},
                  .text = fmt::format("{} of {} groups have photos in several parts: {}", divided.size(), parts.size(), first_few(names))};
  for (std::size_t i = 0; i < report.photos.size(); ++i)
    if (std::ranges::binary_search(divided, report.photos[i].sample.group)) finding.photos.push_back(i);
  report.findings.push_back(std::move(finding));
}

}  // namespace

void find_uneven_classes(Report& report) {
  const std::vector<std::size_t> train = sizes(report, data::Part::train);
  find_few(report, train);
  find_imbalance(report, train);
  find_divided_groups(report);
}

}  // namespace graft::doctor
