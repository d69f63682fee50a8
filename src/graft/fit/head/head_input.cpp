#include "graft/fit/head/head_input.h"

#include <algorithm>
#include <limits>

#include "graft/base/rng.h"
#include "graft/fit/head/solve.h"

namespace graft::fit {
namespace {

constexpr std::size_t kCompareRows = 2000;
constexpr double kUnknown = std::numeric_limits<double>::infinity();

/// At most `most` rows, the same share of every class, at least 2 of each where it has them.
Rows stratified(const Rows& rows, std::size_t most, uint64_t seed) {
  if (rows.labels.size() <= most) return rows;
  std::vector<std::vector<std::size_t>> of_class;
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(rows.labels[i]);
    if (label >= of_class.size()) of_class.resize(label + 1);
    of_class[label].push_back(i);
  }
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < of_class.size(); ++c) {
    Rng(seed, c).shuffle(std::span(of_class[c]));
    const std::size_t share = std::max<std::size_t>(2, of_class[c].size() * most / rows.labels.size());
    kept.insert(kept.end(), of_class[c].begin(), of_class[c].begin() + static_cast<std::ptrdiff_t>(std::min(share, of_class[c].size())));
  }
  std::ranges::sort(kept);
  return rows_at(rows, kept);
}

double best_log_loss(const head::L2Choice& choice) {
  double best = kUnknown;
  for (const head::L2Score& score : choice.path) best = std::min(best, score.log_loss);
  return best;
}

}  // namespace

Rows rows_of(const engine::FeatureTable& table, std::size_t first, std::span<const data::Sample> samples, std::span<const std::size_t> unreadable,
             const data::Task& task, std::size_t classes) {
  Rows rows{.width = table.width, .task = task};
  std::vector<data::Sample> read;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t row = first + i;
    if (std::ranges::binary_search(unreadable, row)) continue;
    read.push_back(samples[i]);
    rows.labels.push_back(std::max(samples[i].label, 0));
    rows.weights.push_back(samples[i].weight);
    rows.groups.push_back(samples[i].group);
    const auto start = table.values.begin() + static_cast<std::ptrdiff_t>(row * table.width);
    rows.values.insert(rows.values.end(), start, start + static_cast<std::ptrdiff_t>(table.width));
  }
  rows.targets = data::targets_of(task, read, classes);
  return rows;
}

Rows rows_at(const Rows& table, std::span<const std::size_t> which) {
  Rows rows{.width = table.width, .task = table.task};
  for (const std::size_t i : which) {
    rows.labels.push_back(table.labels[i]);
    if (!table.weights.empty()) rows.weights.push_back(table.weights[i]);
    if (!table.groups.empty()) rows.groups.push_back(table.groups[i]);
    const std::size_t classes = table.targets.size() / table.labels.size();
    rows.targets.insert(rows.targets.end(), table.targets.begin() + static_cast<std::ptrdiff_t>(i * classes),
                        table.targets.begin() + static_cast<std::ptrdiff_t>((i + 1) * classes));
    const auto start = table.values.begin() + static_cast<std::ptrdiff_t>(i * table.width);
    rows.values.insert(rows.values.end(), start, start + static_cast<std::ptrdiff_t>(table.width));
  }
  return rows;
}

Rows columns(const Rows& table, std::size_t width, std::size_t last_width, const graph::HeadInput& input) {
  Rows rows{.width = input.every_stage ? width : last_width,
            .labels = table.labels,
            .values = {},
            .weights = table.weights,
            .groups = table.groups,
            .task = table.task,
            .targets = table.targets};
  rows.values.resize(table.labels.size() * rows.width);
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    const float* plain = table.values.data() + i * table.width;
    float* to = rows.values.data() + i * rows.width;
    for (std::size_t j = 0; j < rows.width; ++j) to[j] = input.mirror ? 0.5F * (plain[j] + plain[j + width]) : plain[j];
  }
  return rows;
}

std::vector<Candidate> compare_inputs(const FitConfig& config, const Rows& table, std::size_t width, std::size_t last_width, int classes,
                                      ThreadPool& pool) {
  graph::HeadInput taken{config.features == FeatureSet::stages, config.mirror.value_or(false)};
  const bool free_stages = !config.features && width != last_width;  // a network of one block has one kind of features
  const bool free_mirror = !config.mirror && table.width == 2 * width;
  if (!free_stages && !free_mirror) return {{taken, 0, {}, kUnknown}};

  const Rows few = stratified(table, kCompareRows, config.seed);
  std::vector<Candidate> candidates;
  const auto score = [&](const graph::HeadInput& input) {
    const Rows rows = columns(few, width, last_width, input);
    head::L2Choice l2 = choose_l2(config, rows, classes, pool);
    const double log_loss = best_log_loss(l2);
    candidates.push_back({input, rows.labels.size(), std::move(l2), log_loss});
    return log_loss;
  };
  double least = score(taken);
  const auto also = [&](const graph::HeadInput& larger) {
    const double log_loss = score(larger);
    if (!(log_loss < kWorthIt * least)) return;
    least = log_loss;
    taken = larger;
  };
  if (free_mirror) also({taken.every_stage, true});
  if (free_stages) also({true, taken.mirror});
  std::ranges::stable_partition(candidates, [&](const Candidate& c) { return !(c.input == taken); });
  return candidates;
}

}  // namespace graft::fit
