#include "graft/doctor/photo_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/base/units.h"
#include "graft/data/task_labels.h"
#include "graft/doctor/label_suspects.h"
#include "graft/doctor/same_picture.h"
#include "graft/engine/features.h"
#include "graft/models/registry.h"
#include "graft/search/network.h"

namespace graft::doctor {
namespace {

constexpr std::size_t kMostFloats = std::size_t{64} << 20U, kLeastWidth = 64;
constexpr std::size_t kPhotosAtOnce = 4096;
constexpr double kCacheLimit = 4;  // GiB, as of `graft embed`

void extract_into(std::vector<float>& values, std::size_t width, std::span<const PhotoFacts> photos, engine::FeatureExtractor& extractor,
                  const std::function<void(std::size_t)>& advance) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < photos.size(); ++i)
    if (photos[i].readable()) rows.push_back(i);
  for (std::size_t first = 0; first < rows.size(); first += kPhotosAtOnce) {
    const auto some = std::span(rows).subspan(first, std::min(kPhotosAtOnce, rows.size() - first));
    std::vector<std::filesystem::path> paths;
    for (const std::size_t row : some) paths.push_back(photos[row].sample.path);
    const engine::FeatureTable table = extractor.extract(paths, false, advance);
    for (std::size_t i = 0; i < some.size(); ++i)
      shorten(std::span(table.values).subspan(i * table.width, table.width), std::span(values).subspan(some[i] * width, width));
  }
}

/// Names of what is held out together; empty: alone.
std::vector<std::string> held_together(const Report& report, std::span<const CopyGroup> copies) {
  std::vector<CopyPair> pairs;
  const auto join = [&](const std::vector<std::size_t>& rows) {
    for (std::size_t i = 1; i < rows.size(); ++i) pairs.push_back({rows[0], rows[i], 1, {}});
  };
  for (const CopyGroup& group : copies) join(group.rows);
  for (const std::vector<std::size_t>& rows : same_pixels(report.photos)) join(rows);
  std::unordered_map<std::string, std::vector<std::size_t>> by_group;
  for (std::size_t i = 0; i < report.photos.size(); ++i)
    if (!report.photos[i].sample.group.empty()) by_group[report.photos[i].sample.group].push_back(i);
  for (const auto& [name, rows] : by_group) join(rows);
  std::vector<std::string> names(report.photos.size());
  for (const CopyGroup& group : groups_of(pairs, report.photos.size()))
    for (const std::size_t row : group.rows) names[row] = std::to_string(group.rows.front());
  return names;
}

std::string said(const Report& report, const PhotoFacts& photo, const Suspect& s) {
  const auto name = [&](int k) { return report.classes[static_cast<std::size_t>(k)]; };
  if (s.suggested < 0) return fmt::format("'{}' is labeled {} (probability {:.3f})", photo.name, name(s.given), s.given_probability);
  if (s.given < 0) return fmt::format("'{}' is not labeled {} (probability {:.3f})", photo.name, name(s.suggested), s.suggested_probability);
  return fmt::format("'{}' is labeled {} (probability {:.3f}), but {} has {:.3f}", photo.name, name(s.given), s.given_probability, name(s.suggested),
                     s.suggested_probability);
}

}  // namespace

void shorten(std::span<const float> row, std::span<float> to) {
  if (row.size() == to.size()) {
    std::ranges::copy(row, to.begin());
    return;
  }
  std::ranges::fill(to, 0.0F);
  Rng rng(to.size(), row.size());
  for (const float value : row) {
    const uint64_t drawn = rng.below(2 * to.size());
    to[static_cast<std::size_t>(drawn / 2)] += drawn % 2 == 0 ? value : -value;
  }
}

std::optional<search::Table> photo_features(std::span<const PhotoFacts> photos, int threads, std::vector<std::string>& notes, const Begin& begin) {
  std::optional<search::OpenedNetwork> network;
  try {
    network = search::open_network({});
  } catch (const Error& error) {
    notes.push_back(fmt::format("labels were not checked, and near copies were sought by their pixels alone: {}: {}{}{}", error.subject(),
                                error.fact(), error.hint().empty() ? "" : "; ", error.hint()));
    return std::nullopt;
  }
  engine::FeatureExtractor extractor(network->graph, network->preprocess,
                                     {.threads = threads, .cache_limit = static_cast<uint64_t>(kCacheLimit * kGiB), .every_stage = false});
  network.reset();
  const std::size_t width = std::clamp(kMostFloats / std::max<std::size_t>(photos.size(), 1), kLeastWidth, extractor.width());
  const auto values = std::make_shared<std::vector<float>>(photos.size() * width);
  extract_into(*values, width, photos, extractor, begin ? begin("features", photos.size()) : nullptr);
  return search::Table{photos.size(), width, values, *values};
}

void find_suspicious_labels(Report& report, const search::Table& features, std::span<const CopyGroup> copies, uint64_t seed, ThreadPool& pool) {
  const std::vector<std::string> together = held_together(report, copies);
  std::vector<std::size_t> rows;
  std::vector<float> values;
  std::vector<std::string> groups;
  std::vector<data::Sample> samples;
  std::set<int> classes;
  for (std::size_t i = 0; i < report.photos.size(); ++i) {
    if (!report.photos[i].readable()) continue;
    rows.push_back(i);
    groups.push_back(together[i]);
    samples.push_back(report.photos[i].sample);
    for (const int label : data::labels_on(report.photos[i].sample)) classes.insert(label);
  }
  const bool all = rows.size() == report.photos.size();  // else without the rows of those that cannot be read
  for (const std::size_t row : rows)
    if (!all) values.insert(values.end(), features.row(row).begin(), features.row(row).end());
  const bool one_each = data::one_class_each(report.task);
  if (rows.size() < 10 || classes.size() < (one_each ? 2U : 1U)) {
    report.notes.push_back("labels were not checked: there are too few photos or classes");
    return;
  }
  const std::vector<int> labels = one_each ? data::labels_of(samples) : std::vector<int>{};
  const std::vector<float> targets = data::targets_of(report.task, samples, report.classes.size());
  const head::Problem problem{.features = {all ? features.values : std::span<const float>(values), rows.size(), features.width},
                              .classes = static_cast<int>(report.classes.size()),
                              .task = report.task,
                              .labels = labels,
                              .targets = targets,
                              .groups = groups};
  const std::vector<float> probabilities = held_out_probabilities(problem, seed, pool);
  if (probabilities.empty()) {
    report.notes.push_back("labels were not checked: no class has photos of two different groups");
    return;
  }
  for (const Suspect& suspect : suspects_in(problem, probabilities)) {
    const std::size_t row = rows[suspect.row];
    report.findings.push_back(
        {.kind = Kind::suspicious_label, .photos = {row}, .text = said(report, report.photos[row], suspect), .score = suspect.margin()});
  }
}

}  // namespace graft::doctor
