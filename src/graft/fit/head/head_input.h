// What the new layer sees: chosen by cross-validation on the training photos, cheapest first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/engine/features.h"
#include "graft/eval/scores.h"
#include "graft/fit/job/config.h"
#include "graft/graph/walks.h"
#include "graft/head/logistic.h"

namespace graft::fit {

/// Features of labelled photos.
struct Rows {
  std::size_t width = 0;  // numbers in a row
  std::vector<int> labels;
  std::vector<float> values;             // (labels, width)
  std::vector<double> weights = {};      // of each photo; empty: all 1
  std::vector<std::string> groups = {};  // of each photo; "" of one that is alone, empty: all alone
  data::Task task = {};
  std::vector<float> targets = {};  // of MultiLabel: (labels, classes); the labels are then 0

  head::Features features() const { return {values, labels.size(), width}; }
  eval::Truth truth() const { return {task, labels.size(), labels, targets}; }
};

/// The rows of the photos that can be read: the features of samples[i] are row `first` + i of the table, and `unreadable` holds such numbers, ascending.
Rows rows_of(const engine::FeatureTable& table, std::size_t first, std::span<const data::Sample> samples, std::span<const std::size_t> unreadable,
             const data::Task& task, std::size_t classes);

Rows rows_at(const Rows& table, std::span<const std::size_t> which);

/// The columns of `table` that a head with this input sees: the first `last_width` of a view or all of it, for the photo or
/// averaged over both views. `table` rows hold one view of `width` features, or two when it was extracted with the mirror image.
Rows columns(const Rows& table, std::size_t width, std::size_t last_width, const graph::HeadInput& input);

struct Candidate {
  graph::HeadInput input;
  std::size_t rows;  // it was compared on; 0 when it was not
  head::L2Choice l2;
  double log_loss;  // best of the cross-validation, infinite without folds
};

/// A larger input must have a log loss below this fraction of the smaller one's.
inline constexpr double kWorthIt = 0.99;

/// The inputs that the options leave open, compared by cross-validation on (at most 2,000 of) the training rows; the chosen one
/// is last. The mirror image (if `table` has it), and then every stage, is used if that lowers the log loss by at least 1 %.
std::vector<Candidate> compare_inputs(const FitConfig& config, const Rows& table, std::size_t width, std::size_t last_width, int classes,
                                      ThreadPool& pool);

}  // namespace graft::fit
