#include "graft/doctor/fact_tree.h"

#include <algorithm>
#include <utility>

namespace graft::doctor {
namespace {

struct Sides {
  double weight[2] = {0, 0};
  double all() const { return weight[0] + weight[1]; }
  /// Gini's, times the weight.
  double impurity() const { return all() == 0 ? 0 : 2 * weight[0] * weight[1] / all(); }
};

/// A number that tells `low` from `high`, which is more.
float between(float low, float high) {
  const float middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}

}  // namespace

FactTree::FactTree(std::span<const Column> columns, const std::vector<bool>& positive, std::vector<std::size_t> rows) {
  const auto positives = static_cast<double>(std::ranges::count_if(rows, [&](std::size_t row) { return positive[row]; }));
  const double negatives = static_cast<double>(rows.size()) - positives;
  if (positives > 0 && negatives > 0) weight_[0] = positives / negatives;
  grow(columns, positive, rows, kDepth);
}

void FactTree::try_column(std::span<const Column> columns, int column, const std::vector<bool>& positive, std::vector<std::size_t>& rows,
                          Split& best) const {
  const Column& values = columns[static_cast<std::size_t>(column)];
  std::ranges::sort(rows, {}, [&](std::size_t row) { return std::pair(values[row], row); });
  Sides left, right;
  for (const std::size_t row : rows) right.weight[positive[row]] += weight_[positive[row]];
  for (std::size_t i = 0; i + kLeast < rows.size(); ++i) {
    const bool side = positive[rows[i]];
    left.weight[side] += weight_[side], right.weight[side] -= weight_[side];
    if (i + 1 < kLeast || values[rows[i]] == values[rows[i + 1]]) continue;
    const double impurity = left.impurity() + right.impurity();
    if (impurity < best.impurity - 1e-9) best = {impurity, column, between(values[rows[i]], values[rows[i + 1]])};
  }
}

int FactTree::grow(std::span<const Column> columns, const std::vector<bool>& positive, std::vector<std::size_t>& rows, int depth) {
  Sides here;
  for (const std::size_t row : rows) here.weight[positive[row]] += weight_[positive[row]];
  const int at = static_cast<int>(nodes_.size());
  nodes_.push_back({.positive = here.weight[1] > here.weight[0]});
  Split best{here.impurity(), -1, 0};
  for (int column = 0; depth > 0 && column < static_cast<int>(columns.size()); ++column) try_column(columns, column, positive, rows, best);
  if (best.column < 0) return at;
  const Column& values = columns[static_cast<std::size_t>(best.column)];
  std::vector<std::size_t> low, high;
  for (const std::size_t row : rows) (values[row] <= best.threshold ? low : high).push_back(row);
  const int left = grow(columns, positive, low, depth - 1), right = grow(columns, positive, high, depth - 1);
  TreeNode& node = nodes_[static_cast<std::size_t>(at)];
  node.column = best.column, node.threshold = best.threshold, node.left = left, node.right = right;
  return at;
}

bool FactTree::operator()(std::span<const Column> columns, std::size_t row) const {
  const TreeNode* node = &nodes_.front();
  while (node->column >= 0)
    node = &nodes_[static_cast<std::size_t>(columns[static_cast<std::size_t>(node->column)][row] <= node->threshold ? node->left : node->right)];
  return node->positive;
}

}  // namespace graft::doctor
