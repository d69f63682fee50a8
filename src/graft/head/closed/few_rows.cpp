#include "graft/head/closed/few_rows.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "graft/head/design.h"

namespace graft::head {

void make_unit(std::span<float> values, std::size_t width, std::span<const float> centre) {
  for (std::size_t at = 0; at < values.size(); at += width) {
    const std::span<float> row = values.subspan(at, width);
    double square = 0;
    for (std::size_t c = 0; c < width; ++c) {
      if (!centre.empty()) row[c] -= centre[c];
      square += static_cast<double>(row[c]) * static_cast<double>(row[c]);
    }
    if (square == 0) continue;
    const double scale = 1 / std::sqrt(square);
    for (float& value : row) value = static_cast<float>(static_cast<double>(value) * scale);
  }
}

std::vector<float> mean_of(std::span<const float> values, std::size_t width) {
  std::vector<double> sum(width);
  for (std::size_t i = 0; i < values.size(); ++i) sum[i % width] += static_cast<double>(values[i]);
  std::vector<float> mean;
  for (const double s : sum) mean.push_back(static_cast<float>(s * static_cast<double>(width) / static_cast<double>(values.size())));
  return mean;
}

FewRows few_rows(std::vector<float> values, std::size_t width, std::vector<int> labels, std::size_t classes) {
  FewRows few{.values = std::move(values), .labels = std::move(labels), .width = width, .classes = classes};
  check_problem(few.features(), few.labels, static_cast<int>(classes));
  check_finite(few.features());
  few.sizes.resize(classes);
  for (std::size_t i = 0; i < few.rows(); ++i) few.sizes[few.label(i)] += 1;
  if (std::ranges::find(few.sizes, 0.0) != few.sizes.end()) throw std::logic_error("head: a class without a row");
  Block<double> rows(few.rows(), width);
  for (std::size_t i = 0; i < few.rows(); ++i) std::ranges::copy(few.features().row(i), rows.row(i));
  few.products = Block<double>(few.rows(), few.rows());
  products<double, double>().dots(rows.row(0), few.rows(), rows.stride(), rows.row(0), few.rows(), rows.stride(), rows.stride(), few.products.row(0),
                                  few.products.stride());
  return few;
}

}  // namespace graft::head
