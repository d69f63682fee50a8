#include "graft/train/terms/contrast.h"

#include <cmath>
#include <limits>

namespace graft::train {
namespace {

constexpr double kShortest = 1e-12;  // PyTorch's normalize()

}  // namespace

at::Tensor other_views(const at::Tensor& rows) {
  const int64_t photos = rows.size(0) / 2;
  return at::cat({rows.narrow(0, photos, photos), rows.narrow(0, 0, photos)});
}

at::Tensor UnitRows::back(const at::Tensor& gradient) const { return (gradient - rows * (gradient * rows).sum(1, true)) / lengths; }

UnitRows unit_rows(const at::Tensor& rows) {
  const at::Tensor lengths = rows.norm(2, 1, true).clamp_min(kShortest);
  return {rows / lengths, lengths};
}

double spread_of(const at::Tensor& rows) {
  const at::Tensor unit = unit_rows(rows.to(at::kDouble)).rows;
  return at::std(unit, 0, false).mean().item<double>() * std::sqrt(static_cast<double>(unit.size(1)));
}

ViewLoss nt_xent(const at::Tensor& rows, double temperature, const PastRows& past) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  const int64_t count = rows.size(0);
  const UnitRows unit = unit_rows(rows);
  at::Tensor logits = unit.rows.matmul(unit.rows.t()).div_(temperature);
  logits.fill_diagonal_(kNever);
  if (past.rows.defined())
    logits = at::cat({logits, unit.rows.matmul(past.rows.t()).div_(temperature).masked_fill_(at::cat({past.same, past.same}), kNever)}, 1);
  const at::Tensor log_p = at::log_softmax(logits, 1);
  const at::Tensor other = at::arange(count, at::kLong).add(count / 2).remainder(count).unsqueeze(1);
  ViewLoss loss{.value = -log_p.gather(1, other).mean().item<double>()};
  at::Tensor by_logits = log_p.exp();
  by_logits.scatter_add_(1, other, at::full({count, 1}, -1, by_logits.options()));
  by_logits.div_(static_cast<double>(count) * temperature);
  const at::Tensor by_cosine = by_logits.narrow(1, 0, count);  // each row is in two cosines: as the one that looks, and as one that is looked at
  at::Tensor by_unit = (by_cosine + by_cosine.t()).matmul(unit.rows);
  if (past.rows.defined()) by_unit += by_logits.narrow(1, count, past.rows.size(0)).matmul(past.rows);
  loss.gradient = unit.back(by_unit);
  return loss;
}

ViewLoss negative_cosine(const at::Tensor& predictions, const at::Tensor& targets) {
  const UnitRows p = unit_rows(predictions);
  const at::Tensor z = unit_rows(targets).rows;
  return {-(p.rows * z).sum(1).mean().item<double>(), p.back(z * (-1.0 / static_cast<double>(p.rows.size(0))))};
}

}  // namespace graft::train
