#include "graft/head/propagation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graft/base/error.h"

namespace graft::head {
namespace {

/// Rows on two arcs of the plane, `each` on either: no line through the origin's two labeled rows follows the arcs as their neighbors do.
struct Arcs {
  std::vector<float> values;
  std::vector<int> truth;
  Features features() const { return {values, truth.size(), 2}; }
};

Arcs arcs(int each) {
  Arcs made;
  for (int k = 0; k < 2; ++k)
    for (int i = 0; i < each; ++i) {
      const double angle = 0.8 * k + 0.7 * i / (each - 1);
      made.values.push_back(static_cast<float>((1 + i % 3) * std::cos(angle)));
      made.values.push_back(static_cast<float>((1 + i % 3) * std::sin(angle)));
      made.truth.push_back(k);
    }
  return made;
}

TEST(NeighborGraph, IsSymmetricAndNormalized) {
  ThreadPool pool(2);
  const Arcs rows = arcs(20);
  const NeighborGraph graph = neighbor_graph(rows.features(), pool, 4);
  ASSERT_EQ(graph.rows(), 40U);
  const auto at = [&](std::size_t i, std::size_t j) {
    for (std::size_t e = graph.first[i]; e < graph.first[i + 1]; ++e)
      if (graph.to[e] == j) return graph.weight[e];
    return 0.0;
  };
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(at(i, i), 0);
    EXPECT_GE(graph.first[i + 1] - graph.first[i], 4U);
    for (std::size_t j = 0; j < 40; ++j) EXPECT_DOUBLE_EQ(at(i, j), at(j, i));
  }
}

/// Three rows in a line, each joined to the next: the shares are those of (I - 0.9 S)^-1 Y, solved by hand.
TEST(Propagation, SolvesTheEquation) {
  const NeighborGraph graph{.first = {0, 1, 3, 4}, .to = {1, 0, 2, 1}, .weight = {std::sqrt(0.5), std::sqrt(0.5), std::sqrt(0.5), std::sqrt(0.5)}};
  const PseudoLabels found = propagate(graph, std::vector<int>{0, -1, 1}, 2);
  // Of S = [[0 r 0] [r 0 r] [0 r 0]], r^2 = 1/2, and a = 0.9: (I - a S)^-1 has the first column (1 - a^2/2, a r, a^2/2) / (1 - a^2).
  const double a = 0.9, near = 1 - a * a / 2, far = a * a / 2, p = near / (near + far);
  EXPECT_EQ(found.labels[0], 0);
  EXPECT_EQ(found.labels[2], 1);
  const double entropy = -p * std::log(p) - (1 - p) * std::log(1 - p);
  EXPECT_NEAR(found.certainty[0], 1 - entropy / std::log(2.0), 1e-9);
  EXPECT_NEAR(found.certainty[1], 0, 1e-9);
  EXPECT_NEAR(found.certainty[2], found.certainty[0], 1e-12);
}

TEST(Propagation, FollowsTheNeighbors) {
  ThreadPool pool(2);
  const Arcs rows = arcs(20);
  std::vector<int> labels(40, -1);
  labels[0] = 0;
  labels[39] = 1;
  const NeighborGraph graph = neighbor_graph(rows.features(), pool, 4);
  EXPECT_EQ(propagate(graph, labels, 2).labels, rows.truth);
  ThreadPool one(1);
  EXPECT_EQ(neighbor_graph(rows.features(), one, 4).weight, graph.weight);
}

TEST(Propagation, KnowsNothingOfWhatNoLabelReaches) {
  const NeighborGraph graph{.first = {0, 1, 2, 2}, .to = {1, 0}, .weight = {1, 1}};
  const PseudoLabels found = propagate(graph, std::vector<int>{1, -1, -1}, 2);
  EXPECT_EQ(found.labels, (std::vector<int>{1, 1, -1}));
  EXPECT_EQ(found.certainty[1], 1);
  EXPECT_EQ(found.certainty[2], 0);
}

TEST(NeighborGraph, RefusesWhatIsNotFinite) {
  ThreadPool pool(1);
  const std::vector<float> values{1, 0, NAN, 1};
  EXPECT_THROW(neighbor_graph({values, 2, 2}, pool), Error);
}

}  // namespace
}  // namespace graft::head
