#include "graft/head/propagation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graft/head/design.h"
#include "graft/head/kernels.h"

namespace graft::head {
namespace {

constexpr double kSpread = 0.9;      // alpha of the articles
constexpr std::size_t kStripe = 32;  // rows of one task
constexpr int kMostIterations = 200;
constexpr double kPrecision = 1e-9;  // of the right side's length

struct Edge {
  uint32_t to;
  double weight;
};

/// The rows at length 1; a row of zeros stays.
Block<float> directions_of(const Features& rows) {
  Block<float> unit(rows.rows, rows.width);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const std::span<const float> row = rows.row(i);
    double square = 0;
    for (const float x : row) square += static_cast<double>(x) * x;
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    std::ranges::transform(row, unit.row(i), [&](float x) { return static_cast<float>(scale * x); });
  }
  return unit;
}

/// The nearest others of a row with these cosines, each with half of the weight.
std::vector<Edge> nearest(std::span<const float> cosines, std::size_t self, std::size_t count) {
  std::vector<uint32_t> order(cosines.size());
  std::iota(order.begin(), order.end(), 0U);
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(self));
  count = std::min(count, order.size());
  const auto closer = [&](uint32_t a, uint32_t b) { return cosines[a] != cosines[b] ? cosines[a] > cosines[b] : a < b; };
  std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(count), closer);
  std::vector<Edge> edges;
  for (const uint32_t other : std::span(order).first(count))
    if (const double cosine = cosines[other]; cosine > 0) edges.push_back({other, cosine * cosine * cosine / 2});
  return edges;
}

/// out = (I - kSpread S) x.
void times(const NeighborGraph& graph, std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < graph.rows(); ++i) {
    double sum = 0;
    for (std::size_t e = graph.first[i]; e < graph.first[i + 1]; ++e) sum += graph.weight[e] * x[graph.to[e]];
    out[i] = x[i] - kSpread * sum;
  }
}

double dot(std::span<const double> a, std::span<const double> b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/// x of (I - kSpread S) x = y, which is symmetric and positive definite.
std::vector<double> solved(const NeighborGraph& graph, std::vector<double> y) {
  std::vector<double> x(y.size()), direction = y, image(y.size());
  std::vector<double>& rest = y;
  double square = dot(rest, rest);
  const double enough = kPrecision * kPrecision * square;
  for (int i = 0; i < kMostIterations && square > enough; ++i) {
    times(graph, direction, image);
    const double step = square / dot(direction, image);
    for (std::size_t r = 0; r < x.size(); ++r) {
      x[r] += step * direction[r];
      rest[r] -= step * image[r];
    }
    const double before = square;
    square = dot(rest, rest);
    for (std::size_t r = 0; r < x.size(); ++r) direction[r] = rest[r] + square / before * direction[r];
  }
  return x;
}

}  // namespace

NeighborGraph neighbor_graph(const Features& rows, ThreadPool& pool, std::size_t neighbors) {
  check_finite(rows);
  const Block<float> unit = directions_of(rows);
  const std::size_t count = rows.rows;
  std::vector<std::vector<Edge>> edges(count);
  pool.parallel_for((count + kStripe - 1) / kStripe, [&](std::size_t task) {
    const std::size_t first = task * kStripe, some = std::min(kStripe, count - first);
    Block<float> cosines(some, count);
    products<float, float>().dots(unit.row(first), some, unit.stride(), unit.row(0), count, unit.stride(), unit.stride(), cosines.row(0),
                                  cosines.stride());
    for (std::size_t i = 0; i < some; ++i) edges[first + i] = nearest({cosines.row(i), count}, first + i, neighbors);
  });
  std::vector<std::vector<Edge>> both = edges;
  for (std::size_t i = 0; i < count; ++i)
    for (const Edge& edge : edges[i]) both[edge.to].push_back({static_cast<uint32_t>(i), edge.weight});
  NeighborGraph graph{.first = {0}, .to = {}, .weight = {}};
  std::vector<double> degree(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::ranges::stable_sort(both[i], {}, &Edge::to);
    for (const Edge& edge : both[i]) {
      degree[i] += edge.weight;
      if (graph.to.size() > graph.first.back() && graph.to.back() == edge.to) {
        graph.weight.back() += edge.weight;
        continue;
      }
      graph.to.push_back(edge.to);
      graph.weight.push_back(edge.weight);
    }
    graph.first.push_back(graph.to.size());
  }
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t e = graph.first[i]; e < graph.first[i + 1]; ++e) graph.weight[e] /= std::sqrt(degree[i] * degree[graph.to[e]]);
  return graph;
}

PseudoLabels propagate(const NeighborGraph& graph, std::span<const int> labels, int classes) {
  const std::size_t rows = graph.rows();
  if (labels.size() != rows || classes < 2) throw std::logic_error("propagate: one label for each row, and at least two classes");
  std::vector<std::vector<double>> shares;
  for (int k = 0; k < classes; ++k) {
    std::vector<double> seeds(rows);
    const auto of_class = static_cast<double>(std::ranges::count(labels, k));
    for (std::size_t i = 0; i < rows; ++i)
      if (labels[i] == k) seeds[i] = 1 / of_class;
    shares.push_back(solved(graph, std::move(seeds)));
  }
  PseudoLabels found{std::vector<int>(rows, -1), std::vector<double>(rows)};
  for (std::size_t i = 0; i < rows; ++i) {
    double sum = 0, largest = 0;
    for (int k = 0; k < classes; ++k) {
      double& share = shares[static_cast<std::size_t>(k)][i];
      share = std::max(share, 0.0);  // below it is rounding
      sum += share;
      if (share <= largest) continue;
      largest = share;
      found.labels[i] = k;
    }
    if (found.labels[i] < 0) continue;
    double entropy = 0;
    for (const std::vector<double>& of_class : shares)
      if (const double p = of_class[i] / sum; p > 0) entropy -= p * std::log(p);
    found.certainty[i] = std::max(0.0, 1 - entropy / std::log(classes));
  }
  return found;
}

}  // namespace graft::head
