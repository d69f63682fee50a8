#include "graft/trust/drift.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "graft/base/rng.h"
#include "graft/search/dot_table.h"

namespace graft::trust {
namespace {

constexpr std::size_t kEach = 300, kParts = 5, kLooked = 1000;
constexpr float kSame = 0.98F;
constexpr double kRidge = 0.1;  // of the mean of the kernel's diagonal
constexpr int kDraws = 1000;

using Picked = std::vector<std::size_t>;

/// Photos in random order without near copies of earlier ones.
Picked different(std::span<const float> rows, std::size_t width, uint64_t seed, std::size_t& copies) {
  Picked order(rows.size() / width), kept;
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng(seed, 0).shuffle(std::span(order));
  if (order.size() > kLooked) order.resize(kLooked);
  for (const std::size_t i : order) {
    const bool copy = std::ranges::any_of(
        kept, [&](std::size_t j) { return search::fastest_dot()(rows.data() + i * width, rows.data() + j * width, width) >= kSame; });
    if (copy) ++copies;
    else kept.push_back(i);
  }
  return kept;
}

/// What is left of `picked` without near copies of those others: photos that are on both sides tell nothing.
void leave_out(std::span<const float> rows, Picked& picked, std::span<const float> others, const Picked& these, std::size_t width,
               std::size_t& copies) {
  copies += std::erase_if(picked, [&](std::size_t i) {
    return std::ranges::any_of(
        these, [&](std::size_t j) { return search::fastest_dot()(rows.data() + i * width, others.data() + j * width, width) >= kSame; });
  });
}

/// x of A x = b for each row of b, in place; A (n, n) symmetric and positive. Cholesky's factor takes the place of A.
void solve_rows(std::vector<double>& a, std::size_t n, std::vector<double>& b) {
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  for (std::size_t r = 0; r < b.size() / n; ++r) {
    double* x = b.data() + r * n;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) x[i] -= a[i * n + k] * x[k];
      x[i] /= a[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      x[i] /= a[i * n + i];
      for (std::size_t k = 0; k < i; ++k) x[k] -= a[i * n + k] * x[i];
    }
  }
}

/// What the classifier says to the photos of one part, by the labels of the others: a matrix times these.
struct Part {
  Picked held_out, others;
  std::vector<double> weights;  // (held_out, others)
};

Part part_of(const std::vector<double>& kernel, std::size_t n, std::size_t number) {
  Part part;
  for (std::size_t i = 0; i < n; ++i) (i % kParts == number ? part.held_out : part.others).push_back(i);
  const std::size_t m = part.others.size();
  std::vector<double> a(m * m);
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += kernel[i * n + i] / static_cast<double>(n);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) a[i * m + j] = kernel[part.others[i] * n + part.others[j]];
    a[i * m + i] += kRidge * mean + 1e-9;
  }
  for (const std::size_t i : part.held_out)
    for (const std::size_t j : part.others) part.weights.push_back(kernel[i * n + j]);
  solve_rows(a, m, part.weights);
  return part;
}

/// `labels`: -1 or 1 of each photo.
double accuracy_of(const std::vector<Part>& parts, const std::vector<double>& labels) {
  double right = 0;
  for (const Part& part : parts) {
    double mean = 0;
    for (const std::size_t j : part.others) mean += labels[j] / static_cast<double>(part.others.size());
    for (std::size_t i = 0; i < part.held_out.size(); ++i) {
      double said = mean;
      for (std::size_t j = 0; j < part.others.size(); ++j) said += part.weights[i * part.others.size() + j] * (labels[part.others[j]] - mean);
      right += said * labels[part.held_out[i]] > 0 ? 1 : said == 0 ? 0.5 : 0;
    }
  }
  return right / static_cast<double>(labels.size());
}

/// Cosines of all pairs, without what all photos have in common.
std::vector<double> kernel_of(const std::vector<const float*>& rows, std::size_t width, ThreadPool& pool) {
  const std::size_t n = rows.size();
  std::vector<double> kernel(n * n), mean(n);
  pool.parallel_for(n, [&](std::size_t i) {
    for (std::size_t j = 0; j < n; ++j) kernel[i * n + j] = search::fastest_dot()(rows[i], rows[j], width);
  });
  double all = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) mean[i] += kernel[i * n + j] / static_cast<double>(n);
    all += mean[i] / static_cast<double>(n);
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) kernel[i * n + j] += all - mean[i] - mean[j];
  return kernel;
}

/// The part of `now` from the threshold on that as many of `before` reach as are right.
double estimate(std::vector<float>& before, std::size_t right, std::span<const float> now, double& threshold) {
  if (right == 0) {
    threshold = 1;
    return 0;
  }
  const auto place = before.begin() + static_cast<std::ptrdiff_t>(right - 1);
  std::ranges::nth_element(before, place, std::greater());
  threshold = *place;
  return static_cast<double>(std::ranges::count_if(now, [&](float value) { return value >= threshold; })) / static_cast<double>(now.size());
}

}  // namespace

TwoSample two_sample_test(std::span<const float> before, std::span<const float> now, std::size_t width, uint64_t seed, ThreadPool& pool) {
  TwoSample found;
  Picked a = different(before, width, seed, found.near_copies);
  const Picked b = different(now, width, seed + 1, found.near_copies);
  leave_out(before, a, now, b, width, found.near_copies);
  found.each = std::min({a.size(), b.size(), kEach});
  if (found.each < kFewestToCompare) return found;
  std::vector<std::pair<const float*, double>> photos;
  for (std::size_t i = 0; i < found.each; ++i) {
    photos.emplace_back(before.data() + a[i] * width, -1);
    photos.emplace_back(now.data() + b[i] * width, 1);
  }
  Rng(seed, 2).shuffle(std::span(photos));  // so that which part a photo is in says nothing of its label
  std::vector<const float*> rows;
  std::vector<double> labels;
  for (const auto& [row, label] : photos) {
    rows.push_back(row);
    labels.push_back(label);
  }
  const std::vector<double> kernel = kernel_of(rows, width, pool);
  std::vector<Part> parts(kParts);
  pool.parallel_for(kParts, [&](std::size_t k) { parts[k] = part_of(kernel, rows.size(), k); });
  found.accuracy = accuracy_of(parts, labels);
  std::vector<char> as_high(kPermutations);
  pool.parallel_for(kPermutations, [&](std::size_t i) {
    std::vector<double> permuted = labels;
    Rng(seed, 3 + i).shuffle(std::span(permuted));
    as_high[i] = accuracy_of(parts, permuted) >= found.accuracy - 1e-12 ? 1 : 0;
  });
  found.p = (1.0 + static_cast<double>(std::ranges::count(as_high, 1))) / (1.0 + kPermutations);
  return found;
}

EstimatedAccuracy estimate_accuracy(std::span<const float> before, std::span<const char> right, std::span<const float> now, uint64_t seed) {
  EstimatedAccuracy found{};
  const auto n = static_cast<std::size_t>(std::ranges::count_if(right, [](char is) { return is != 0; }));
  found.before = static_cast<double>(n) / static_cast<double>(before.size());
  std::vector<float> values(before.begin(), before.end());
  found.accuracy = estimate(values, n, now, found.threshold);
  std::vector<double> drawn;
  std::vector<float> again(now.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    Rng rng(seed, static_cast<uint64_t>(draw));
    std::size_t hits = 0;
    for (float& value : values) {
      const auto i = static_cast<std::size_t>(rng.below(before.size()));
      value = before[i];
      hits += right[i] != 0 ? 1 : 0;
    }
    for (float& value : again) value = now[static_cast<std::size_t>(rng.below(now.size()))];
    double threshold = 0;
    drawn.push_back(estimate(values, hits, again, threshold));
  }
  std::ranges::sort(drawn);
  found.interval = {drawn[25], drawn[974]};
  return found;
}

}  // namespace graft::trust
