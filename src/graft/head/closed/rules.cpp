#include "graft/head/closed/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graft/head/closed/dual.h"

namespace graft::head {

std::string to_string(Rule rule) {
  switch (rule) {
    case Rule::prototypes: return "prototypes";
    case Rule::lda: return "lda";
    case Rule::ridge: return "ridge";
    case Rule::logistic: return "logistic";
  }
  return {};
}

LinearHead layer_of(const FewRows& rows, const Block<double>& weights, std::span<const double> bias) {
  LinearHead layer{.weight = {}, .bias = {}, .classes = rows.classes, .width = rows.width};
  std::vector<double> sum(rows.width);
  for (std::size_t k = 0; k < rows.classes; ++k) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const float* z = rows.values.data() + i * rows.width;
      const double weight = weights.row(i)[k];
      for (std::size_t c = 0; c < rows.width; ++c) sum[c] += weight * static_cast<double>(z[c]);
    }
    for (const double value : sum) layer.weight.push_back(static_cast<float>(value));
    layer.bias.push_back(static_cast<float>(bias[k]));
  }
  return layer;
}

Solved solve_logistic(const FewRows& rows, uint64_t seed, ThreadPool& pool) {
  const L2Choice choice = choose_l2(rows.features(), rows.labels, static_cast<int>(rows.classes), {}, seed, pool);
  Solved solved{.head = fit_logistic(rows.features(), rows.labels, static_cast<int>(rows.classes), {.l2 = choice.l2}, pool),
                .left_out = std::vector<double>(rows.rows() * rows.classes, std::numeric_limits<double>::quiet_NaN()),
                .strength = choice.l2};
  for (std::size_t i = 0; i < choice.held_out.size(); ++i)
    for (std::size_t k = 0; !std::isnan(choice.held_out[i]) && k < rows.classes; ++k)
      solved.left_out[i * rows.classes + k] = static_cast<double>(choice.held_out_logits[i * rows.classes + k]);
  return solved;
}

Solved solve(Rule rule, const FewRows& rows, uint64_t seed, ThreadPool& pool) {
  switch (rule) {
    case Rule::prototypes: return solve_prototypes(rows);
    case Rule::lda: return solve_lda(rows);
    case Rule::ridge: return solve_ridge(rows);
    case Rule::logistic: break;
  }
  return solve_logistic(rows, seed, pool);
}

}  // namespace graft::head
