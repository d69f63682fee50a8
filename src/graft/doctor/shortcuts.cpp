#include "graft/doctor/shortcuts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <unordered_set>

#include "graft/base/rng.h"
#include "graft/doctor/fact_tree.h"
#include "graft/eval/evaluation.h"

namespace graft::doctor {
namespace {

constexpr std::size_t kLeastPhotos = 10, kMostPhotos = 1000;  // of a side
constexpr std::size_t kFolds = 5;
constexpr std::size_t kMostCameras = 16;
constexpr int kBorderSide = 32;
constexpr double kZ99 = 2.575829;

struct Fact {
  std::string_view name;
  std::vector<Column> columns;
  bool shows = false;  // how the classes look plays a part in it
};

/// "2012:05:14 10:22:31" as a number that grows with time, in minutes of months of 31 days; -1: not said.
float minutes(const std::string& taken) {
  int field[6] = {}, fields = 0;
  const char* at = taken.data();
  const char* const end = at + taken.size();
  while (at < end && fields < 6) {
    const auto [next, code] = std::from_chars(at, end, field[fields]);
    if (code != std::errc()) break;
    ++fields;
    at = next < end ? next + 1 : end;
  }
  return fields < 3 ? -1.0F : static_cast<float>((((field[0] - 1970) * 12 + field[1]) * 31 + field[2]) * 1440 + field[3] * 60 + field[4]);
}

/// A column for each of the most frequent cameras.
std::vector<Column> cameras(const std::vector<const PhotoFacts*>& photos) {
  std::map<std::string_view, std::size_t> count;
  for (const PhotoFacts* photo : photos) ++count[photo->details.camera];
  std::vector<std::pair<std::string_view, std::size_t>> frequent(count.begin(), count.end());
  std::ranges::stable_sort(frequent, std::greater(), &std::pair<std::string_view, std::size_t>::second);
  std::vector<Column> columns;
  for (std::size_t i = 0; i < std::min(frequent.size(), kMostCameras); ++i) {
    Column& column = columns.emplace_back();
    for (const PhotoFacts* photo : photos) column.push_back(photo->details.camera == frequent[i].first ? 1.0F : 0.0F);
  }
  return columns;
}

/// Those in which the photos differ.
std::vector<Fact> facts_of(const std::vector<const PhotoFacts*>& photos) {
  const auto column = [&](const std::function<double(const PhotoFacts&)>& value) {
    Column values;
    for (const PhotoFacts* photo : photos) values.push_back(static_cast<float>(value(*photo)));
    return values;
  };
  const auto pixels = [](const PhotoFacts& p) { return static_cast<double>(p.width) * p.height; };
  // Of smaller pictures the border is a good part of what they show.
  const auto border = [&](std::size_t channel) {
    return column([channel](const PhotoFacts& p) { return p.decoded && std::min(p.width, p.height) >= kBorderSide ? p.border[channel] : -1; });
  };
  std::vector<Fact> facts = {
      {"file size", {column([](const PhotoFacts& p) { return static_cast<double>(p.bytes); })}, true},
      {"bytes per pixel", {column([&](const PhotoFacts& p) { return pixels(p) > 0 ? static_cast<double>(p.bytes) / pixels(p) : -1; })}, true},
      {"width and height", {column([](const PhotoFacts& p) { return p.width; }), column([](const PhotoFacts& p) { return p.height; })}},
      {"aspect ratio", {column([](const PhotoFacts& p) { return p.height > 0 ? static_cast<double>(p.width) / p.height : -1; })}},
      {"JPEG quality", {column([](const PhotoFacts& p) { return p.details.jpeg_quality; })}},
      {"file format", {column([](const PhotoFacts& p) { return p.details.format ? static_cast<double>(*p.details.format) : -1; })}},
      {"camera", cameras(photos)},
      {"time of capture", {column([](const PhotoFacts& p) { return minutes(p.details.taken); })}},
      {"border color", {border(0), border(1), border(2)}, true},
      {"gray or color", {column([](const PhotoFacts& p) { return p.grey; })}},
      {"EXIF orientation", {column([](const PhotoFacts& p) { return p.details.orientation; })}},
  };
  std::erase_if(facts, [](const Fact& fact) {
    return std::ranges::all_of(fact.columns, [](const Column& c) { return std::ranges::all_of(c, [&](float v) { return v == c.front(); }); });
  });
  return facts;
}

/// Readable photos, of copies the first.
std::vector<const PhotoFacts*> distinct(const Report& report) {
  std::unordered_set<Hash128> seen;
  std::vector<const PhotoFacts*> photos;
  for (const PhotoFacts& photo : report.photos) {
    if (!photo.readable()) continue;
    const Hash128 hash = photo.pixel_hash != Hash128() ? photo.pixel_hash : photo.file_hash;
    if (hash == Hash128() || seen.insert(hash).second) photos.push_back(&photo);
  }
  return photos;
}

/// Rows of both sides in an order of chance, at most kMostPhotos each; empty where a side has too few.
std::vector<std::size_t> drawn(const std::vector<bool>& positive, Rng& rng) {
  std::vector<std::size_t> sides[2], rows;
  for (std::size_t i = 0; i < positive.size(); ++i) sides[positive[i]].push_back(i);
  for (auto& side : sides) {
    if (side.size() < kLeastPhotos) return {};
    rng.shuffle(std::span(side));
    side.resize(std::min(side.size(), kMostPhotos));
    rows.insert(rows.end(), side.begin(), side.end());
  }
  return rows;
}

/// For each of the rows its fold: dealt one by one within each side, whole groups together.
std::vector<std::size_t> folds_of(const std::vector<const PhotoFacts*>& photos, const std::vector<std::size_t>& rows) {
  std::map<std::string_view, std::size_t> of_group;
  std::vector<std::size_t> folds;
  std::size_t next = 0;
  for (const std::size_t row : rows) {
    const std::string& group = photos[row]->sample.group;
    if (group.empty()) folds.push_back(next++ % kFolds);
    else if (const auto [it, fresh] = of_group.emplace(group, next % kFolds); fresh) folds.push_back(next++ % kFolds);
    else folds.push_back(it->second);
  }
  return folds;
}

struct Right {
  long right[2] = {0, 0}, all[2] = {0, 0};  // of the others, of the class
};

Right cross_validated(const Fact& fact, const std::vector<bool>& positive, const std::vector<std::size_t>& rows,
                      const std::vector<std::size_t>& folds) {
  Right count;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (folds[i] != fold) others.push_back(rows[i]);
    const FactTree tree(fact.columns, positive, std::move(others));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (folds[i] != fold) continue;
      const bool side = positive[rows[i]];
      ++count.all[side];
      count.right[side] += tree(fact.columns, rows[i]) == side;
    }
  }
  return count;
}

Telling telling_of(const Fact& fact, std::size_t label, const Right& count) {
  Telling telling{fact.name, label, 0, 0};
  for (const int side : {0, 1}) {
    telling.accuracy += 0.5 * static_cast<double>(count.right[side]) / static_cast<double>(count.all[side]);
    telling.low += 0.5 * eval::wilson(count.right[side], count.all[side], kZ99).low;
  }
  return telling;
}

}  // namespace

std::vector<Telling> tell_by_facts(const Report& report, uint64_t seed) {
  const std::vector<const PhotoFacts*> photos = distinct(report);
  const std::vector<Fact> facts = facts_of(photos);
  const bool two = report.classes.size() == 2 && data::one_class_each(report.task);
  std::vector<Telling> all;
  for (std::size_t label = 0; label < (two ? 1 : report.classes.size()); ++label) {
    std::vector<bool> positive;
    for (const PhotoFacts* photo : photos) positive.push_back(data::has(photo->sample, static_cast<int>(label)));
    Rng rng(seed, label);
    const std::vector<std::size_t> rows = drawn(positive, rng);
    if (rows.empty()) continue;
    const std::vector<std::size_t> folds = folds_of(photos, rows);
    for (const Fact& fact : facts) {
      const Telling telling = telling_of(fact, label, cross_validated(fact, positive, rows, folds));
      if (telling.low >= (fact.shows ? kTellsVeryClearly : kTellsClearly)) all.push_back(telling);
    }
  }
  std::ranges::stable_sort(all, std::greater(), &Telling::accuracy);
  return all;
}

void find_shortcuts(Report& report, uint64_t seed) {
  std::map<std::size_t, std::vector<Telling>> by_class;
  for (const Telling& telling : tell_by_facts(report, seed)) by_class[telling.label].push_back(telling);
  const bool two = report.classes.size() == 2 && data::one_class_each(report.task);
  for (const auto& [label, tellings] : by_class) {
    const std::string which = two ? fmt::format("'{}' can be told from '{}'", report.classes[0], report.classes[1])
                                  : fmt::format("'{}' can be told from the others", report.classes[label]);
    std::string text = fmt::format("{} by {} alone in {:.0f} % of the photos", which, tellings.front().fact, 100 * tellings.front().accuracy);
    std::vector<std::string> others;
    for (std::size_t i = 1; i < tellings.size(); ++i) others.push_back(fmt::format("{} {:.0f} %", tellings[i].fact, 100 * tellings[i].accuracy));
    if (!others.empty()) text += fmt::format(", by {}", fmt::join(others, ", by "));
    report.findings.push_back({.kind = Kind::shortcut,
                               .photos = {},
                               .text = text + "; cross-validated, both sides of the same weight: chance is 50 %",
                               .score = tellings.front().accuracy});
  }
}

}  // namespace graft::doctor
