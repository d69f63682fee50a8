#include "graft/doctor/same_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "graft/base/text.h"
#include "graft/data/task_labels.h"

namespace graft::doctor {
namespace {

bool same_labels(const PhotoFacts& a, const PhotoFacts& b) { return std::ranges::equal(data::labels_on(a.sample), data::labels_on(b.sample)); }

std::string labels_in_words(const Report& report, const PhotoFacts& photo) {
  const std::string names = data::joined_names(data::labels_on(photo.sample), report.classes);
  return names.empty() ? "no class" : names;
}

/// "'a.jpg' (train, ants) and 'b.jpg' (val, bees)", of at most three.
std::string said(const Report& report, const std::vector<std::size_t>& rows, bool with_labels) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), kMost); ++i) {
    const PhotoFacts& photo = report.photos[rows[i]];
    const bool last = i + 1 == rows.size();
    std::vector<std::string> facts;
    if (report.parted) facts.push_back(data::to_string(photo.part));
    if (with_labels) facts.push_back(labels_in_words(report, photo));
    text += fmt::format("{}'{}'{}",
                        i == 0 ? ""
                        : last ? " and "
                               : ", ",
                        photo.name, facts.empty() ? "" : fmt::format(" ({})", fmt::join(facts, ", ")));
  }
  return rows.size() > kMost ? text + fmt::format(" and {} more", rows.size() - kMost) : text;
}

/// All but the one that stays.
std::vector<std::size_t> superfluous_of(const Report& report, const std::vector<std::size_t>& rows) {
  const auto turn = [&](std::size_t row) {
    const PhotoFacts& photo = report.photos[row];
    const int quality = photo.details.jpeg_quality == 0 ? 101 : photo.details.jpeg_quality;  // other formats lose less
    return std::tuple(-static_cast<int>(photo.part), -int64_t{photo.width} * photo.height, -quality, photo.name.size(), photo.name);
  };
  const std::size_t stays = *std::ranges::min_element(rows, {}, turn);
  std::vector<std::size_t> others;
  std::ranges::copy_if(rows, std::back_inserter(others), [&](std::size_t row) { return row != stays; });
  return others;
}

}  // namespace

std::vector<Finding> findings_of(const Report& report, std::vector<std::size_t> rows, Sameness sameness, std::optional<double> score) {
  std::ranges::sort(rows);
  if (sameness == Sameness::alike)
    return {{.kind = Kind::look_alikes,
             .photos = rows,
             .text = fmt::format("{} photos look alike, and may be neighbors in a series: {}", rows.size(), said(report, rows, true)),
             .score = score}};
  const bool exact = sameness == Sameness::exact;
  const PhotoFacts& first = report.photos[rows.front()];
  const auto differs = [&](auto&& same) { return std::ranges::any_of(rows, [&](std::size_t row) { return !same(report.photos[row], first); }); };
  const bool conflict = differs(same_labels), leak = differs([](const PhotoFacts&a, const PhotoFacts&b) { return a.part == b.part; });
  const std::string_view how = exact ? "the same picture" : "almost the same picture";
  std::vector<Finding> findings;
  if (conflict)
    findings.push_back({.kind = exact ? Kind::exact_conflict : Kind::near_conflict,
                        .photos = rows,
                        .text = fmt::format("{} under different labels: {}", how, said(report, rows, true)),
                        .score = score});
  if (leak)
    findings.push_back({.kind = exact ? Kind::exact_leak : Kind::near_leak,
                        .photos = rows,
                        .text = fmt::format("{} in several parts: {}", how, said(report, rows, false)),
                        .score = score});
  if (!conflict && !leak)
    findings.push_back({.kind = exact ? Kind::exact_copies : Kind::near_copies,
                        .photos = rows,
                        .text = fmt::format("{} {} times: {}", how, rows.size(), said(report, rows, false)),
                        .score = score});
  if (!conflict) findings.back().superfluous = superfluous_of(report, rows);
  return findings;
}

std::vector<std::vector<std::size_t>> same_pixels(const std::vector<PhotoFacts>& photos) {
  std::unordered_map<Hash128, std::vector<std::size_t>> by_pixels;
  for (std::size_t i = 0; i < photos.size(); ++i)
    if (photos[i].pixel_hash != Hash128()) by_pixels[photos[i].pixel_hash].push_back(i);
  std::vector<std::vector<std::size_t>> sets;
  for (auto& [hash, rows] : by_pixels)
    if (rows.size() > 1) sets.push_back(std::move(rows));
  std::ranges::sort(sets);
  return sets;
}

void find_exact_copies(Report& report) {
  for (std::vector<std::size_t>& rows : same_pixels(report.photos))
    for (Finding& finding : findings_of(report, std::move(rows), Sameness::exact)) report.findings.push_back(std::move(finding));
}

}  // namespace graft::doctor
