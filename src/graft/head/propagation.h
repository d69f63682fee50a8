// Labels for rows that have none, spread from the labeled rows over a graph of nearest neighbors: label propagation (Zhou et al. 2004), on a network's
// features and with a certainty for each row as in Iscen et al. 2019.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/logistic.h"

namespace graft::head {

/// S = D^-1/2 W D^-1/2 in compressed rows. W_ij = cosine^3 of rows that are among each other's nearest by cosine, the mean of both where only one is
/// among the other's; 0 for a cosine below 0. D: the sums of W's rows.
struct NeighborGraph {
  std::vector<std::size_t> first;  // (rows + 1): row i has the entries from first[i] to first[i + 1]
  std::vector<uint32_t> to;
  std::vector<double> weight;

  std::size_t rows() const { return first.size() - 1; }
};

inline constexpr std::size_t kNeighbors = 10;

/// The same for any number of threads on the same type of CPU. Errors as check_finite of design.h.
NeighborGraph neighbor_graph(const Features& rows, ThreadPool& pool, std::size_t neighbors = kNeighbors);

struct PseudoLabels {
  std::vector<int> labels;        // the class with the largest share of each row; -1 of a row that no label reaches
  std::vector<double> certainty;  // 1 - entropy of the row's shares / log(classes): 0 to 1
};

/// The shares are Z = (I - 0.9 S)^-1 Y by conjugate gradients, normalized by rows; Y has 1 / (labeled rows of the class) at the label of each labeled
/// row. labels[i]: of row i, -1 without. Labeled rows also get a label, which may be another.
PseudoLabels propagate(const NeighborGraph& graph, std::span<const int> labels, int classes);

}  // namespace graft::head
