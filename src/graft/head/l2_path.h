// The parts of choosing the L2 penalty, whatever the loss: folds, and penalties from strong to weak.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "graft/head/design.h"
#include "graft/head/logistic.h"
#include "graft/head/minimise.h"

namespace graft::head {

inline constexpr std::size_t kMostRows = 10000;  // used for a choice

// Cross-validation needs the loss to three digits, not the weights to six.
inline constexpr StopRule kRough{.gradient = 0, .decrease = 1e-4, .max_iterations = 100};

struct Folds {
  std::vector<int> of;  // per row; -1: the only row (or group) of its class, never held out
  int count;
};

/// Distributes the rows of each class in turn, continuing where the previous class ended, so that folds also have equal
/// sizes. Rows of weight 0 are in none. With `groups` as in choose_l2 (logistic.h), whole groups, by data::deal_units.
Folds deal(std::span<const int> labels, int classes, std::span<const double> weights, uint64_t seed, std::span<const std::string> groups = {});

/// At most about kMostRows: two of each class that has them, otherwise in proportion.
std::vector<std::size_t> subsample(std::span<const int> labels, int classes, std::span<const double> weights, uint64_t seed);

/// Standardized, in the space of the rows if that is smaller.
Block<float> rows_to_compare(const Features& features, const Standard& standard, ThreadPool& pool);

/// From strong to weak; ends after two losses in a row that are clearly above the best.
std::vector<L2Score> follow_path(std::size_t rows, const std::function<L2Score(double l2)>& score_at);

/// As L2Choice has them.
struct OfHeldOut {
  std::vector<double> losses;
  std::vector<float> logits;
};
/// Follows the path and takes the lowest loss; or tries `only`. `score_at(l2, held_out)` also gives the answers for the held-out rows, and what each adds to
/// the loss.
L2Choice best_on_path(std::size_t rows, int folds, const std::function<L2Score(double l2, OfHeldOut& held_out)>& score_at,
                      std::optional<double> only = {});

}  // namespace graft::head
