#include "graft/head/multi_label.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "graft/head/design.h"
#include "graft/head/kernels.h"
#include "graft/head/l2_path.h"
#include "graft/head/minimise.h"
#include "graft/head/softmax_loss.h"

namespace graft::head {
namespace {

constexpr double kClassTolerance = 1e-7;  // of the weights, relative

void check(const Features& features, std::span<const float> targets, std::size_t classes, std::span<const double> weights) {
  if (features.values.size() != features.rows * features.width || targets.size() != features.rows * classes || features.rows == 0 || classes == 0 ||
      (!weights.empty() && weights.size() != features.rows))
    throw std::logic_error("head: sizes of features, targets and weights do not agree");
}

/// v_i, 1 in the sum.
std::vector<double> shares_of_rows(std::size_t rows, std::span<const double> weights) {
  std::vector<double> share(weights.begin(), weights.end());
  share.resize(rows, 1.0);
  const double sum = std::accumulate(share.begin(), share.end(), 0.0);
  for (double& s : share) s /= sum;
  return share;
}

/// One fit a class (and fold): labels[fit * rows + i], and its share times the weight of positives.
struct Fits {
  std::vector<int> labels;
  std::vector<double> share;

  void add(std::span<const float> targets, std::size_t classes, std::span<const double> of_rows, std::span<const double> positive) {
    for (std::size_t k = 0; k < classes; ++k)
      for (std::size_t i = 0; i < of_rows.size(); ++i) {
        const int label = targets[i * classes + k] > 0.5F ? 1 : 0;
        labels.push_back(label);
        share.push_back(of_rows[i] * (label == 1 ? positive[k] : 1));
      }
  }
};

std::vector<double> weights_of_positives(std::span<const float> targets, std::size_t classes, bool balanced) {
  return balanced ? positive_weights(targets, classes) : std::vector<double>(classes, 1.0);
}

/// W (classes, width of the rows), then the biases. SoftmaxLoss's two classes have half the penalty.
template <class X>
std::vector<double> solve(const Block<X>& rows, Fits fits, double l2, ThreadPool& pool) {
  SoftmaxLoss<X, double> loss(rows, fits.labels, 2, std::move(fits.share), pool);
  std::vector<double> w(loss.parameters());
  minimise([&](std::span<const double> x, std::span<double> gradient) { return loss.evaluate(x, 2 * l2, gradient); }, w,
           {.gradient = kClassTolerance * l2});
  return w;
}

/// The rarest of a row's classes; `classes` for none.
std::vector<int> rarest_classes(std::span<const float> targets, std::size_t classes) {
  std::vector<double> positives(classes);
  for (std::size_t i = 0; i < targets.size(); ++i) positives[i % classes] += static_cast<double>(targets[i]);
  std::vector<int> rarest;
  for (std::size_t first = 0; first < targets.size(); first += classes) {
    std::size_t best = classes;
    for (std::size_t k = 0; k < classes; ++k)
      if (targets[first + k] > 0.5F && (best == classes || positives[k] < positives[best])) best = k;
    rarest.push_back(static_cast<int>(best));
  }
  return rarest;
}

struct HeldOut {
  std::size_t row, fold;
};

L2Score summary(double l2, const SoftmaxLoss<float, float>& loss, std::span<const HeldOut> rows, std::size_t classes, std::span<const double> of_rows,
                const Fits& truth, std::span<const double> positive, std::vector<double>& of_each) {
  const std::size_t count = of_rows.size();
  double total = 0, right = 0, sum = 0, spread = 0;
  std::vector<double> losses;
  for (const auto& [i, fold] : rows) {
    double of_row = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      const RowScore score = loss.score_of(i, fold * classes + k);
      of_row += score.log_loss * (truth.labels[k * count + i] == 1 ? positive[k] : 1) / static_cast<double>(classes);
      right += score.right ? of_rows[i] / static_cast<double>(classes) : 0;
    }
    total += of_rows[i];
    sum += of_rows[i] * of_row;
    losses.push_back(of_row);
  }
  of_each.assign(count, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t j = 0; j < rows.size(); ++j) of_each[rows[j].row] = losses[j];
  const double mean = sum / total;
  for (std::size_t j = 0; j < rows.size(); ++j) spread += std::pow(of_rows[rows[j].row] * (losses[j] - mean), 2);
  return {l2, right / total, mean, std::sqrt(spread) / total};
}

L2Choice choose(const Features& features, std::span<const float> targets, std::size_t classes, const MultiLabelOptions& options, uint64_t seed,
                ThreadPool& pool) {
  const std::vector<double> of_rows = shares_of_rows(features.rows, options.weights);
  const Standard standard = standardise(features, of_rows, pool);
  const Folds folds = deal(rarest_classes(targets, classes), static_cast<int>(classes) + 1, options.weights, seed, options.groups);
  if (folds.count == 0) return {kDefaultL2, {}, 0};
  const std::vector<double> positive = weights_of_positives(targets, classes, options.balanced);
  Fits fits;
  std::vector<HeldOut> held_out;
  for (int fold = 0; fold < folds.count; ++fold) {
    std::vector<double> kept = of_rows;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (folds.of[i] != fold) continue;
      kept[i] = 0;
      held_out.push_back({i, static_cast<std::size_t>(fold)});
    }
    fits.add(targets, classes, shares_of_rows(kept.size(), kept), positive);
  }
  const Block<float> rows = rows_to_compare(features, standard, pool);
  SoftmaxLoss<float, float> loss(rows, fits.labels, 2, fits.share, pool);
  std::vector<double> parameters(loss.parameters());
  return best_on_path(
      rows.rows(), folds.count,
      [&](double l2, OfHeldOut& of_held_out) {
        minimise([&](std::span<const double> x, std::span<double> gradient) { return loss.evaluate(x, 2 * l2, gradient); }, parameters, kRough);
        loss.prepare_scores(parameters);
        of_held_out.logits.assign(of_rows.size() * classes, 0.0F);
        for (const auto& [i, fold] : held_out)
          for (std::size_t k = 0; k < classes; ++k) {
            std::array<float, 2> two{};  // logits of "does not have it" and "has it", whose difference is the class's
            loss.logits_of(i, fold * classes + k, two);
            of_held_out.logits[i * classes + k] = two[1] - two[0];
          }
        return summary(l2, loss, held_out, classes, of_rows, fits, positive, of_held_out.losses);
      },
      options.l2 > 0 ? std::optional(options.l2) : std::nullopt);
}

}  // namespace

LinearHead fit_multi_label(const Features& features, std::span<const float> targets, std::size_t classes, const MultiLabelOptions& options,
                           ThreadPool& pool) {
  check(features, targets, classes, options.weights);
  if (!(options.l2 > 0)) throw std::logic_error("head: l2 is not above 0");
  const std::vector<double> of_rows = shares_of_rows(features.rows, options.weights);
  const Standard standard = standardise(features, of_rows, pool);
  Fits fits;
  fits.add(targets, classes, of_rows, weights_of_positives(targets, classes, options.balanced));
  std::vector<double> w;
  if (worth_reducing(features)) {
    const Block<double> rows = standard_rows<double>(features, standard, pool), factor = reduce(rows, pool);
    const std::vector<double> v = solve(factor, std::move(fits), options.l2, pool);
    w = expand(factor, rows, std::span(v).first(v.size() - classes), classes);
    w.insert(w.end(), v.end() - static_cast<std::ptrdiff_t>(classes), v.end());
  } else {
    w = solve(standard_rows<float>(features, standard, pool), std::move(fits), options.l2, pool);
  }
  const std::size_t width = features.width;
  LinearHead head{std::vector<float>(classes * width), std::vector<float>(classes), classes, width};
  for (std::size_t k = 0; k < classes; ++k) {
    double offset = w[classes * width + k];
    for (std::size_t c = 0; c < width; ++c) {
      const double raw = w[k * width + c] * standard.inverse_deviation[c];
      head.weight[k * width + c] = static_cast<float>(raw);
      offset -= raw * standard.mean[c];
    }
    head.bias[k] = static_cast<float>(offset);
  }
  return head;
}

L2Choice choose_l2(const Features& features, std::span<const float> targets, std::size_t classes, const MultiLabelOptions& options, uint64_t seed,
                   ThreadPool& pool) {
  check(features, targets, classes, options.weights);
  if (features.rows <= kMostRows) return choose(features, targets, classes, options, seed, pool);
  check_finite(features);
  const std::vector<std::size_t> chosen = subsample(rarest_classes(targets, classes), static_cast<int>(classes) + 1, options.weights, seed);
  std::vector<float> values, some;
  std::vector<double> own;
  std::vector<std::string> groups;
  for (const std::size_t row : chosen) {
    values.insert(values.end(), features.row(row).begin(), features.row(row).end());
    const auto of_row = targets.subspan(row * classes, classes);
    some.insert(some.end(), of_row.begin(), of_row.end());
    if (!options.weights.empty()) own.push_back(options.weights[row]);
    if (!options.groups.empty()) groups.push_back(options.groups[row]);
  }
  const double scale = static_cast<double>(chosen.size()) / static_cast<double>(features.rows);  // as for one class a row
  const MultiLabelOptions of_some{.l2 = options.l2 / scale, .balanced = options.balanced, .weights = own, .groups = groups};
  L2Choice choice = choose({values, chosen.size(), features.width}, some, classes, of_some, seed, pool);
  choice.l2 *= scale;
  choice.rows = chosen;
  return choice;
}

}  // namespace graft::head
