#include "graft/fit/adapt/map.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/engine/features.h"
#include "graft/fit/job/parts.h"
#include "graft/head/principal.h"
#include "graft/head/recolour.h"

namespace graft::fit {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kMapStream = 11;

std::vector<std::size_t> sampled_rows(std::size_t rows, uint64_t seed) {
  std::vector<std::size_t> which(rows);
  std::iota(which.begin(), which.end(), std::size_t{0});
  Rng(seed, kMapStream).shuffle(std::span(which));
  which.resize(std::min(rows, kMapped));
  std::ranges::sort(which);
  return which;
}

std::vector<float> picked(std::span<const float> values, std::size_t width, std::span<const std::size_t> which) {
  std::vector<float> rows;
  for (const std::size_t i : which)
    rows.insert(rows.end(), values.begin() + static_cast<std::ptrdiff_t>(i * width), values.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  return rows;
}

/// Places of the source's rows and then the target's.
struct Picture {
  head::Principal components;
  std::vector<double> places;
};

Picture picture_of(std::vector<float> source, std::span<const float> target, std::size_t width, const head::Principal* by = nullptr) {
  source.insert(source.end(), target.begin(), target.end());
  const head::Features both{source, source.size() / width, width};
  Picture picture{by ? *by : head::principal_components(both, std::min<std::size_t>(2, width)), {}};
  picture.places = head::along(picture.components, both);
  if (width > 1) return picture;
  std::vector<double> flat;  // one feature alone: a line
  for (const double place : picture.places) flat.insert(flat.end(), {place, 0.0});
  picture.places = std::move(flat);
  return picture;
}

/// By what the network's last layer reads.
Picture picture_by(const Job& job, const graph::Graph& network, const std::vector<data::Sample>& source, const std::vector<data::Sample>& target) {
  engine::FeatureExtractor extractor(network, job.preprocess, extract_options(job.config.values));
  const engine::FeatureTable of_source = extractor.extract(data::paths_of(source), false, job.begin("features after", source.size()));
  const engine::FeatureTable of_target = extractor.extract(data::paths_of(target), false, job.begin("features after", target.size()));
  return picture_of(of_source.values, of_target.values, extractor.width());
}

double farthest(const std::vector<double>& places) {
  double most = 0;
  for (const double place : places) most = std::max(most, std::abs(place));
  return most > 0 ? most : 1;
}

double rounded(double part) { return std::round(part * 1e4) / 1e4; }

}  // namespace

Json feature_map(Job& job, const std::vector<data::Sample>& train, const AdaptCandidate& chosen, bool own_network) {
  const Domains& seen = *chosen.seen;
  const std::size_t width = seen.source.width;
  const uint64_t seed = job.config.values.seed;
  const std::vector<std::size_t> source = sampled_rows(seen.source.labels.size(), seed), target = sampled_rows(seen.target.labels.size(), seed + 1);
  const std::vector<float> target_rows = picked(seen.target.values, width, target);
  const Domains& first = chosen.translation ? *chosen.translation->before : seen;
  const Picture before = picture_of(picked(first.source.values, width, source), target_rows, width);
  std::optional<Picture> after;
  if (chosen.aligned)
    after = picture_of(picked(head::recoloured(seen.source.features(), seen.target.features(), job.pool), width, source), target_rows, width,
                       &before.components);
  else if (chosen.translation) after = picture_of(picked(seen.source.values, width, source), target_rows, width, &before.components);
  else if (own_network) after = picture_by(job, chosen.outcome.network, at(train, source), at(job.target, target));

  // By one measure where the axes are the same, so that a shift can be seen.
  double scale_before = farthest(before.places), scale_after = after ? farthest(after->places) : 1;
  const bool same_axes = chosen.aligned || chosen.translation;
  if (same_axes) scale_before = scale_after = std::max(scale_before, scale_after);
  const std::vector<int> answers = answers_of(chosen.target_logits, job.splits.classes.size());
  Json points = Json::array();
  for (std::size_t p = 0; p < source.size() + target.size(); ++p) {
    const bool of_target = p >= source.size();
    Json point{of_target ? 1 : 0, of_target ? answers[target[p - source.size()]] : seen.source.labels[source[p]]};
    for (std::size_t axis = 0; axis < 2; ++axis) point.push_back(rounded(before.places[2 * p + axis] / scale_before));
    for (std::size_t axis = 0; after && axis < 2; ++axis) point.push_back(rounded(after->places[2 * p + axis] / scale_after));
    points.push_back(std::move(point));
  }
  Json classes = Json::array();
  for (const std::string& name : job.splits.classes) classes.push_back(printable(name));
  Json explained{{"before", before.components.explained}};
  if (after && !same_axes) explained["after"] = after->components.explained;
  return {{"method", chosen.name},
          {"classes", std::move(classes)},
          {"photos", {{"source", seen.source.labels.size()}, {"target", seen.target.labels.size()}}},
          {"explained", std::move(explained)},
          {"same_axes", same_axes},
          {"points", std::move(points)}};
}

}  // namespace graft::fit
