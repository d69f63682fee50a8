#include "graft/doctor/detail.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/image/resize.h"

namespace graft::doctor {
namespace {

constexpr std::size_t kMostComponents = 16, kPhotosEach = 16;
constexpr float kLeastPhotos = 8;  // that make a component: one that copies of a photo make is what they are known by
constexpr int kIterations = 30;

float dot(const std::vector<float>& a, const std::vector<float>& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F); }

/// Makes the rows orthogonal and of length 1 (Gram-Schmidt, twice for rounding); one that is nothing but others becomes zeros.
void make_orthonormal(std::vector<std::vector<float>>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (int again = 0; again < 2; ++again)
      for (std::size_t j = 0; j < i; ++j) {
        const float part = dot(rows[i], rows[j]);
        for (std::size_t k = 0; k < rows[i].size(); ++k) rows[i][k] -= part * rows[j][k];
      }
    const float length = std::sqrt(dot(rows[i], rows[i]));
    for (float& value : rows[i]) value = length > 1e-6F ? value / length : 0;
  }
}

/// The first eigenvectors of a symmetric matrix by iterating a subspace.
std::vector<std::vector<float>> first_eigenvectors(const std::vector<std::vector<float>>& matrix, std::size_t count) {
  std::vector<std::vector<float>> vectors(count, std::vector<float>(matrix.size()));
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < matrix.size(); ++k) vectors[i][k] = static_cast<float>(std::cos(static_cast<double>((i + 1) * (2 * k + 1))));
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    make_orthonormal(vectors);
    for (auto& vector : vectors) {
      std::vector<float> image(matrix.size());
      for (std::size_t k = 0; k < matrix.size(); ++k) image[k] = dot(matrix[k], vector);
      vector = std::move(image);
    }
  }
  make_orthonormal(vectors);
  return vectors;
}

/// How many numbers of a vector of length 1 are large: 1 / the sum of their fourth powers.
float participation(const std::vector<float>& vector) {
  float sum = 0;
  for (const float value : vector) sum += value * value * value * value;
  return sum > 0 ? 1 / sum : 0;
}

}  // namespace

Look look_of(const image::Image& image, int side, int information) {
  const bool coarse = information < side && information < std::min(image.width, image.height);
  const image::Image smaller = coarse ? image::resize(image, information, information, image::Filter::bilinear) : image::Image{};
  Look look{.luma = smooth(plane_of(coarse ? smaller : image, side))};
  const image::Image tiles = image::resize(image, kColourSide, kColourSide, image::Filter::bilinear);
  for (std::size_t i = 0; i < tiles.pixels.size(); i += 3) {
    const auto red = static_cast<float>(tiles.pixels[i]), green = static_cast<float>(tiles.pixels[i + 1]),
               blue = static_cast<float>(tiles.pixels[i + 2]);
    look.colour.push_back(-0.1687F * red - 0.3313F * green + 0.5F * blue);
    look.colour.push_back(0.5F * red - 0.4187F * green - 0.0813F * blue);
  }
  return look;
}

double colour_difference(const Look& a, const Symmetry& symmetry, const Look& b) {
  double sum = 0;
  for (int y = 0; y < kColourSide; ++y)
    for (int x = 0; x < kColourSide; ++x) {
      const auto [from_x, from_y] = symmetry.from(x, y, kColourSide);
      for (int c = 0; c < 2; ++c)
        sum += std::pow(a.colour[static_cast<std::size_t>((from_y * kColourSide + from_x) * 2 + c)] -
                            b.colour[static_cast<std::size_t>((y * kColourSide + x) * 2 + c)],
                        2);
    }
  return std::sqrt(sum / (2 * kColourSide * kColourSide));
}

Plane detail_of(const Plane& luma) {
  Plane detail = luma;
  const Plane soft = smooth(smooth(smooth(luma)));
  for (std::size_t i = 0; i < detail.values.size(); ++i) detail.values[i] -= soft.values[i];
  return detail;
}

Common::Common(std::span<const Plane> details, ThreadPool& pool) {
  const std::size_t count = std::min(kMostComponents, details.size() / kPhotosEach);
  if (count == 0) return;
  std::vector<float> scale;  // each photo counts the same; one that shows nothing, not at all
  for (const Plane& plane : details) scale.push_back(1 / (std::sqrt(dot(plane.values, plane.values)) + static_cast<float>(plane.side) / 100));
  std::vector<std::vector<float>> products(details.size(), std::vector<float>(details.size()));
  pool.parallel_for(details.size(), [&](std::size_t i) {
    for (std::size_t j = 0; j <= i; ++j) products[i][j] = scale[i] * scale[j] * dot(details[i].values, details[j].values);
  });
  for (std::size_t i = 0; i < details.size(); ++i)
    for (std::size_t j = i + 1; j < details.size(); ++j) products[i][j] = products[j][i];
  std::vector<std::vector<float>> components;
  for (const auto& vector : first_eigenvectors(products, count)) {
    if (participation(vector) < kLeastPhotos) continue;
    std::vector<float> component(details.front().values.size());
    for (std::size_t i = 0; i < details.size(); ++i)
      for (std::size_t k = 0; k < component.size(); ++k) component[k] += vector[i] * scale[i] * details[i].values[k];
    components.push_back(std::move(component));
  }
  make_orthonormal(components);
  for (auto& component : components) components_.push_back({details.front().side, std::move(component)});
}

Plane Common::without(const Plane& detail, const Plane& instead) const {
  Plane whole = detail;
  for (std::size_t i = 0; i < whole.values.size(); ++i)
    if (std::isnan(whole.values[i])) whole.values[i] = instead.values[i];
  std::vector<float> parts;
  for (const Plane& component : components_) parts.push_back(dot(component.values, whole.values));
  Plane result = detail;  // NaN stays
  for (std::size_t c = 0; c < components_.size(); ++c)
    for (std::size_t i = 0; i < result.values.size(); ++i) result.values[i] -= parts[c] * components_[c].values[i];
  return result;
}

}  // namespace graft::doctor
