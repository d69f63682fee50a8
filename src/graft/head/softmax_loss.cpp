#include "graft/head/softmax_loss.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace graft::head {
namespace {

// Sizes of tasks depend on nothing but the problem, so sums have one order for any number of threads.
constexpr std::size_t kRows = 64, kColumns = 64;
constexpr double kSmall = 2e5;  // multiplications that are done before another thread has woken up

std::size_t tasks(std::size_t size, std::size_t step) { return (size + step - 1) / step; }

/// log(1 + exp(z)) without overflow.
template <class T>
T softplus(T z) {
  return std::max(z, T{0}) + std::log1p(std::exp(-std::abs(z)));
}

}  // namespace

template <class X, class T>
SoftmaxLoss<X, T>::SoftmaxLoss(const Block<X>& rows, std::span<const int> labels, int classes, std::vector<double> share, ThreadPool& pool)
    : rows_(rows),
      labels_(labels),
      outputs_(outputs_of(classes)),
      fits_(share.size() / rows.rows()),
      all_outputs_(fits_ * outputs_),
      share_(std::move(share)),
      pool_(pool),
      weights_(all_outputs_, rows.stride()),
      gradient_(all_outputs_, rows.stride()),
      logits_(rows.rows(), all_outputs_) {}

template <class X, class T>
void SoftmaxLoss<X, T>::in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (static_cast<double>(rows_.rows()) * static_cast<double>(rows_.width()) * static_cast<double>(all_outputs_) > kSmall)
    return pool_.parallel_for(count, work);
  for (std::size_t task = 0; task < count; ++task) work(task);
}

template <class X, class T>
void SoftmaxLoss<X, T>::multiply(std::span<const double> parameters) {
  const std::size_t width = rows_.width();
  for (std::size_t k = 0; k < all_outputs_; ++k)
    for (std::size_t c = 0; c < width; ++c) weights_.row(k)[c] = static_cast<T>(parameters[k * width + c]);
  const double* bias = parameters.data() + all_outputs_ * width;
  in_parallel(tasks(rows_.rows(), kRows), [&](std::size_t task) {
    const std::size_t first = task * kRows, count = std::min(kRows, rows_.rows() - first);
    products<X, T>().dots(rows_.row(first), count, rows_.stride(), weights_.row(0), all_outputs_, weights_.stride(), rows_.stride(),
                          logits_.row(first), logits_.stride());
    for (std::size_t i = first; i < first + count; ++i)
      for (std::size_t k = 0; k < all_outputs_; ++k) logits_.row(i)[k] += static_cast<T>(bias[k]);
  });
}

/// Turns the logits of a row into d loss / d logits, adds them to the biases' gradient and returns the row's loss, all times its share.
template <class X, class T>
double SoftmaxLoss<X, T>::residuals(std::size_t row, double* bias_gradient) {
  double loss = 0;
  for (std::size_t fit = 0; fit < fits_; ++fit) {
    T* z = logits_.row(row) + fit * outputs_;
    const double share = share_[fit * rows_.rows() + row];
    if (share == 0) {
      std::fill(z, z + outputs_, T{0});
      continue;
    }
    if (outputs_ == 1) {
      const T sign = label(row, fit) == 1 ? T{-1} : T{1};
      loss += share * static_cast<double>(softplus(sign * *z));
      *z = static_cast<T>(share) * sign / (1 + std::exp(-sign * *z));
    } else {
      const T highest = *std::max_element(z, z + outputs_), own = z[label(row, fit)] - highest;
      T sum = 0;
      for (std::size_t k = 0; k < outputs_; ++k) sum += z[k] = std::exp(z[k] - highest);
      loss += share * static_cast<double>(std::log(sum) - own);
      const T scale = static_cast<T>(share) / sum;
      for (std::size_t k = 0; k < outputs_; ++k) z[k] *= scale;
      z[label(row, fit)] -= static_cast<T>(share);
    }
    for (std::size_t k = 0; k < outputs_; ++k) bias_gradient[fit * outputs_ + k] += static_cast<double>(z[k]);
  }
  return loss;
}

template <class X, class T>
double SoftmaxLoss<X, T>::evaluate(std::span<const double> parameters, double l2, std::span<double> gradient) {
  const std::size_t width = rows_.width(), chunks = tasks(rows_.rows(), kRows);
  multiply(parameters);
  std::vector<double> losses(chunks), bias_parts(chunks * all_outputs_);
  in_parallel(chunks, [&](std::size_t task) {
    for (std::size_t i = task * kRows; i < std::min((task + 1) * kRows, rows_.rows()); ++i)
      losses[task] += residuals(i, &bias_parts[task * all_outputs_]);
  });
  std::fill(gradient_.all().begin(), gradient_.all().end(), T{0});
  in_parallel(tasks(rows_.stride(), kColumns), [&](std::size_t task) {
    const std::size_t first = task * kColumns, count = std::min(kColumns, rows_.stride() - first);
    products<X, T>().outer(logits_.row(0), rows_.rows(), logits_.stride(), all_outputs_, rows_.row(0) + first, rows_.stride(), count,
                           gradient_.row(0) + first, gradient_.stride());
  });
  const double strength = outputs_ == 1 ? l2 / 2 : l2;
  double loss = 0, squares = 0;
  for (std::size_t k = 0; k < all_outputs_; ++k)
    for (std::size_t c = 0; c < width; ++c) {
      const double w = parameters[k * width + c];
      squares += w * w;
      gradient[k * width + c] = static_cast<double>(gradient_.row(k)[c]) + strength * w;
    }
  std::fill(gradient.begin() + static_cast<std::ptrdiff_t>(all_outputs_ * width), gradient.end(), 0.0);
  for (std::size_t task = 0; task < chunks; ++task) {
    loss += losses[task];
    for (std::size_t k = 0; k < all_outputs_; ++k) gradient[all_outputs_ * width + k] += bias_parts[task * all_outputs_ + k];
  }
  return loss + strength / 2 * squares;
}

template <class X, class T>
std::vector<RowScore> SoftmaxLoss<X, T>::score(std::span<const double> parameters, std::span<const int> of) {
  multiply(parameters);
  std::vector<RowScore> scores(rows_.rows());
  for (std::size_t i = 0; i < rows_.rows(); ++i)
    if (of[i] >= 0) scores[i] = score_of(i, static_cast<std::size_t>(of[i]));
  return scores;
}

template <class X, class T>
RowScore SoftmaxLoss<X, T>::score_of(std::size_t row, std::size_t fit) const {
  const T* z = logits_.row(row) + fit * outputs_;
  const std::size_t own = label(row, fit);
  if (outputs_ == 1) return {static_cast<double>(softplus(own == 1 ? -*z : *z)), (*z > 0) == (own == 1)};
  const T* highest = std::max_element(z, z + outputs_);
  double sum = 0;
  for (std::size_t k = 0; k < outputs_; ++k) sum += std::exp(static_cast<double>(z[k] - *highest));
  return {std::log(sum) - static_cast<double>(z[own] - *highest), static_cast<std::size_t>(highest - z) == own};
}

template <class X, class T>
void SoftmaxLoss<X, T>::logits_of(std::size_t row, std::size_t fit, std::span<float> out) const {
  const T* z = logits_.row(row) + fit * outputs_;
  if (outputs_ == 1) {
    out[0] = static_cast<float>(-*z / 2);
    out[1] = static_cast<float>(*z / 2);
  } else {
    std::transform(z, z + outputs_, out.begin(), [](T value) { return static_cast<float>(value); });
  }
}

template class SoftmaxLoss<float, float>;
template class SoftmaxLoss<float, double>;
template class SoftmaxLoss<double, double>;

}  // namespace graft::head
