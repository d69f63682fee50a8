// A small decision tree on numbers (CART, Breiman et al. 1984) for two classes, both with the same weight whatever their sizes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::doctor {

/// A column of facts, one number per row. An unknown fact is a number of its own, below all others.
using Column = std::vector<float>;

struct TreeNode {
  int column = -1;      // -1: a leaf
  float threshold = 0;  // up to it: to the left
  int left = 0, right = 0;
  bool positive = false;  // of a leaf
};

class FactTree {
 public:
  static constexpr int kDepth = 3;
  static constexpr std::size_t kLeast = 5;  // rows of a leaf

  /// Grown on these rows by the Gini impurity of weighted sides. `positive`: of every row.
  FactTree(std::span<const Column> columns, const std::vector<bool>& positive, std::vector<std::size_t> rows);

  bool operator()(std::span<const Column> columns, std::size_t row) const;

 private:
  struct Split {
    double impurity;
    int column;
    float threshold;
  };
  int grow(std::span<const Column> columns, const std::vector<bool>& positive, std::vector<std::size_t>& rows, int depth);
  void try_column(std::span<const Column> columns, int column, const std::vector<bool>& positive, std::vector<std::size_t>& rows, Split& best) const;

  double weight_[2] = {1, 1};  // of a negative, of a positive row
  std::vector<TreeNode> nodes_;
};

}  // namespace graft::doctor
