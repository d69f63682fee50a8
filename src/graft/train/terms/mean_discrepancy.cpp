// DAN's maximum mean discrepancy of several kernels (Long et al. 2015), of all pairs and without bias:
//   mean over pairs of the source's k(x, x') + mean over pairs of the target's k(y, y') - 2 * mean of k(x, y),
// k(x, y) the sum of exp(-|x - y|^2 / (2 a m)) over a = 2^-3 ... 2^1, m the mean of |x - y|^2 over all rows of the batch, which is taken as given
// (tllib's kernels). It may fall below 0, being an estimate without bias.
#include "graft/train/terms/of_batch.h"

namespace graft::train {
namespace {

constexpr double kWidths[] = {0.125, 0.25, 0.5, 1, 2};

/// What each pair counts: (N + M, N + M).
at::Tensor shares_of(int64_t source, int64_t target) {
  const auto pairs = [](int64_t n) { return (at::ones({n, n}, at::kDouble) - at::eye(n, at::kDouble)) / static_cast<double>(n * (n - 1)); };
  const at::Tensor across = at::full({source, target}, -1.0 / static_cast<double>(source * target), at::kDouble);
  return at::cat({at::cat({pairs(source), across}, 1), at::cat({across.t(), pairs(target)}, 1)});
}

BetweenDomains discrepancy(const at::Tensor& source, const at::Tensor& target) {
  const at::Tensor z = at::cat({source, target}), squares = z.square().sum(1, true);
  const at::Tensor distance = (squares + squares.t() - 2 * z.mm(z.t())).clamp_min(0);
  const double mean = distance.mean().item<double>();
  if (mean <= 0) return {0, at::zeros_like(source), at::zeros_like(target)};  // all rows are one
  at::Tensor kernel = at::zeros_like(distance), slope = kernel.clone();       // by the squared distance
  for (const double width : kWidths) {
    const at::Tensor one = (distance / (-2 * width * mean)).exp();
    kernel += one;
    slope -= one / (2 * width * mean);
  }
  const at::Tensor shares = shares_of(source.size(0), target.size(0)), pull = shares * slope;
  const at::Tensor gradient = 4 * (pull.sum(1, true) * z - pull.mm(z));  // each pair is there twice
  return {(kernel * shares).sum().item<double>(), gradient.narrow(0, 0, source.size(0)), gradient.narrow(0, source.size(0), target.size(0))};
}

}  // namespace

std::optional<Term> mean_discrepancy_term(const Training& training) {
  if (training.config.adapt != Adaptation::dan) return std::nullopt;
  return between_domains("mmd", training.config.trade_off, discrepancy);
}

}  // namespace graft::train
