#include "graft/head/logistic.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "graft/head/design.h"
#include "graft/head/kernels.h"
#include "graft/head/minimise.h"
#include "graft/head/softmax_loss.h"

namespace graft::head {
namespace {

constexpr double kTolerance = 1e-7;  // of W, relative

/// W (outputs, width) and the biases at the minimum for these rows.
template <class X>
std::pair<std::vector<double>, std::vector<double>> solve(const Block<X>& rows, std::span<const int> labels, int classes, std::vector<double> share,
                                                          const LogisticOptions& options, ThreadPool& pool) {
  SoftmaxLoss<X, double> loss(rows, labels, classes, std::move(share), pool);
  std::vector<double> w(loss.parameters());
  const double convexity = classes == 2 ? options.l2 / 2 : options.l2;
  minimise([&](std::span<const double> x, std::span<double> gradient) { return loss.evaluate(x, options.l2, gradient); }, w,
           {.gradient = kTolerance * convexity, .max_iterations = options.max_iterations});
  const std::ptrdiff_t biases = static_cast<std::ptrdiff_t>(outputs_of(classes));
  std::vector<double> bias(w.end() - biases, w.end());
  w.resize(w.size() - bias.size());
  return {std::move(w), std::move(bias)};
}

/// One linear layer on raw features, one row per class.
LinearHead fold(std::span<const double> w, std::span<const double> bias, const Standard& standard, std::size_t classes) {
  const std::size_t width = standard.mean.size();
  LinearHead head{std::vector<float>(classes * width), std::vector<float>(classes), classes, width};
  for (std::size_t k = 0; k < classes; ++k) {
    const std::size_t row = classes == 2 ? 0 : k;
    const double sign = classes == 2 ? (k == 0 ? -0.5 : 0.5) : 1;
    double offset = bias[row];
    for (std::size_t c = 0; c < width; ++c) {
      const double raw = w[row * width + c] * standard.inverse_deviation[c];
      head.weight[k * width + c] = static_cast<float>(sign * raw);
      offset -= raw * standard.mean[c];
    }
    head.bias[k] = static_cast<float>(sign * offset);
  }
  return head;
}

}  // namespace

LinearHead fit_logistic(const Features& features, std::span<const int> labels, int classes, const LogisticOptions& options, ThreadPool& pool) {
  check_problem(features, labels, classes);
  if (!(options.l2 > 0)) throw std::logic_error("head: l2 is not above 0");
  std::vector<double> share = row_weights(labels, classes, options.class_weights, options.weights);
  const Standard standard = standardise(features, share, pool);
  double total = 0;
  for (const double weight : share) total += weight;
  for (double& weight : share) weight /= total;
  const auto count = static_cast<std::size_t>(classes);
  if (!worth_reducing(features)) {
    const auto [w, bias] = solve(standard_rows<float>(features, standard, pool), labels, classes, std::move(share), options, pool);
    return fold(w, bias, standard, count);
  }
  const Block<double> rows = standard_rows<double>(features, standard, pool), factor = reduce(rows, pool);
  const auto [v, bias] = solve(factor, labels, classes, std::move(share), options, pool);
  return fold(expand(factor, rows, v, outputs_of(classes)), bias, standard, count);
}

void logits(const LinearHead& head, const Features& features, std::span<float> out) {
  if (features.width != head.width || features.values.size() != features.rows * features.width || out.size() != features.rows * head.classes)
    throw std::logic_error("head: sizes of head, features and logits do not agree");
  constexpr std::size_t kRows = 64;
  Block<float> x(std::min(kRows, features.rows), head.width);
  Block<double> weight(head.classes, x.stride()), z(x.rows(), head.classes);
  for (std::size_t k = 0; k < head.classes; ++k) std::copy_n(head.weight.data() + k * head.width, head.width, weight.row(k));
  for (std::size_t first = 0; first < features.rows; first += kRows) {
    const std::size_t count = std::min(kRows, features.rows - first);
    for (std::size_t i = 0; i < count; ++i) std::copy_n(features.values.data() + (first + i) * features.width, features.width, x.row(i));
    products<float, double>().dots(x.row(0), count, x.stride(), weight.row(0), head.classes, weight.stride(), x.stride(), z.row(0), z.stride());
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < head.classes; ++k)
        out[(first + i) * head.classes + k] = static_cast<float>(z.row(i)[k] + static_cast<double>(head.bias[k]));
  }
}

}  // namespace graft::head
