#include "graft/doctor/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "graft/image/format_table.h"

namespace graft::doctor {
namespace {

using Rows = std::vector<std::size_t>;

Rows rows_where(const Report& report, const std::function<bool(const PhotoFacts&)>& is) {
  Rows rows;
  for (std::size_t i = 0; i < report.photos.size(); ++i)
    if (report.photos[i].readable() && is(report.photos[i])) rows.push_back(i);
  return rows;
}

void add(Report& report, Kind kind, Rows rows, std::string text) {
  if (!rows.empty()) report.findings.push_back({.kind = kind, .photos = std::move(rows), .text = std::move(text)});
}

std::string_view name_of(image::Format format) { return std::ranges::find(image::formats(), format, &image::FormatRow::format)->name; }

void find_unreadable(Report& report) {
  for (std::size_t i = 0; i < report.photos.size(); ++i)
    if (const PhotoFacts& photo = report.photos[i]; !photo.readable())
      report.findings.push_back(
          {.kind = Kind::unreadable, .photos = {i}, .text = fmt::format("'{}': {}", photo.name, photo.unreadable), .superfluous = {i}});
}

void find_mistyped(Report& report) {
  std::map<std::pair<std::string_view, std::string_view>, Rows> by_names;  // content, name
  for (const std::size_t row : rows_where(report, [](const PhotoFacts& photo) { return photo.mistyped; })) {
    const PhotoFacts& photo = report.photos[row];
    by_names[{name_of(*photo.details.format), image::format_by_name(photo.sample.path.filename().native())->name}].push_back(row);
  }
  for (auto& [names, rows] : by_names) {
    const std::string text = fmt::format("{} in {} file{} named as {}", names.first, rows.size(), rows.size() == 1 ? "" : "s", names.second);
    add(report, Kind::mistyped, std::move(rows), text);
  }
}

int shorter_side(const PhotoFacts& photo) { return std::min(photo.width, photo.height); }

double median_shorter_side(const Report& report) {
  std::vector<int> sides;
  for (const PhotoFacts& photo : report.photos)
    if (photo.readable() && photo.width > 0) sides.push_back(shorter_side(photo));
  if (sides.empty()) return 0;
  const auto middle = sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2);
  std::ranges::nth_element(sides, middle);
  return *middle;
}

void find_odd_shapes(Report& report) {
  const double median = median_shorter_side(report);
  const double least = median >= 2 * kTinySide ? std::max<double>(kTinySide, kTinyPart * median) : kTinyPart * median;
  Rows rows = rows_where(report, [&](const PhotoFacts& photo) { return photo.width > 0 && shorter_side(photo) < least; });
  add(report, Kind::tiny, rows,
      fmt::format("photos with a shorter side below {:.0f} pixels, where {:.0f} are usual here: {}", std::ceil(least), median, rows.size()));
  rows = rows_where(
      report, [](const PhotoFacts& photo) { return photo.width > 0 && std::max(photo.width, photo.height) >= kExtremeAspect * shorter_side(photo); });
  add(report, Kind::extreme_aspect, rows,
      fmt::format("photos at least {:g} times as long as wide, or as wide as long: {}", kExtremeAspect, rows.size()));
}

void find_colour_mixture(Report& report) {
  const auto inks = [](const PhotoFacts& photo) { return photo.details.components == 4; };
  const std::size_t readable = rows_where(report, [](const PhotoFacts&) { return true; }).size();
  const auto mixed = [&](const Rows& rows) { return !rows.empty() && rows.size() < readable; };
  Rows grey = rows_where(report, [](const PhotoFacts& photo) { return photo.grey; });
  if (mixed(grey) && 2 * grey.size() <= readable)
    add(report, Kind::colour_mixture, grey, fmt::format("photos that are gray, among {1} in color: {0}", grey.size(), readable - grey.size()));
  else if (mixed(grey))
    add(report, Kind::colour_mixture, rows_where(report, [](const PhotoFacts& photo) { return !photo.grey; }),
        fmt::format("photos in color, among {1} that are gray: {0}", readable - grey.size(), grey.size()));
  if (const Rows rows = rows_where(report, inks); mixed(rows))
    add(report, Kind::colour_mixture, rows, fmt::format("photos in CMYK: {} of {}", rows.size(), readable));
  if (const Rows rows = rows_where(report, [](const PhotoFacts& photo) { return photo.transparent; }); mixed(rows))
    add(report, Kind::colour_mixture, rows, fmt::format("photos with transparent pixels: {} of {}", rows.size(), readable));
}

}  // namespace

void find_odd_files(Report& report) {
  find_unreadable(report);
  find_mistyped(report);
  find_odd_shapes(report);
  find_colour_mixture(report);
  Rows rows = rows_where(report, [](const PhotoFacts& photo) { return photo.decoded && photo.deviation <= kUniformDeviation; });
  add(report, Kind::uniform, rows,
      fmt::format("photos whose brightness differs by {:g} of 255 or less (standard deviation): {}", kUniformDeviation, rows.size()));
  rows = rows_where(report, [](const PhotoFacts& photo) { return photo.details.orientation != 1; });
  add(report, Kind::turned, rows, fmt::format("photos that EXIF or XMP rotates or mirrors: {}", rows.size()));
}

}  // namespace graft::doctor
