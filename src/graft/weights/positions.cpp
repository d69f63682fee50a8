#include "graft/weights/positions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "graft/image/windows.h"

namespace graft::weights {
namespace {

std::optional<int64_t> square_root(int64_t places) {
  const int64_t side = std::llround(std::sqrt(static_cast<double>(std::max<int64_t>(places, 0))));
  return side > 0 && side * side == places ? std::optional(side) : std::nullopt;
}

/// What the places from `begin` on add to one place of the new square's side; the weights sum to 1.
struct Window {
  int64_t begin;
  std::vector<double> weights;
};

std::vector<Window> windows(int64_t in, int64_t out) {
  const double scale = static_cast<double>(in) / static_cast<double>(out), stretch = std::max(scale, 1.0), support = 2 * stretch;
  std::vector<Window> all;
  for (int64_t i = 0; i < out; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const int64_t begin = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t end = std::min(static_cast<int64_t>(center + support + 0.5), in);
    Window window{begin, {}};
    double sum = 0;
    for (int64_t j = begin; j < end; ++j) sum += window.weights.emplace_back(image::bicubic((static_cast<double>(j) - center + 0.5) / stretch));
    for (double& weight : window.weights) weight /= sum;
    all.push_back(std::move(window));
  }
  return all;
}

/// (rows, in, width) to (rows, out, width).
std::vector<double> resample(std::span<const double> values, int64_t rows, int64_t in, int64_t out, int64_t width) {
  const std::vector<Window> all = windows(in, out);
  std::vector<double> result(static_cast<std::size_t>(rows * out * width));
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < out; ++i) {
      const Window& window = all[static_cast<std::size_t>(i)];
      double* to = &result[static_cast<std::size_t>((row * out + i) * width)];
      const double* from = &values[static_cast<std::size_t>((row * in + window.begin) * width)];
      for (const double weight : window.weights)
        for (int64_t c = 0; c < width; ++c) to[c] += weight * *from++;
    }
  return result;
}

}  // namespace

std::vector<Positions> positions_of(const graph::Graph& graph) {
  std::vector<Positions> all;
  for (const graph::Node& node : graph.nodes) {
    if (!std::holds_alternative<graph::PositionEmbedding>(node.op)) continue;
    const graph::Node* before = &graph.nodes[static_cast<std::size_t>(node.inputs[0])];
    const bool class_token = std::holds_alternative<graph::ClassToken>(before->op);
    if (class_token) before = &graph.nodes[static_cast<std::size_t>(before->inputs[0])];
    if (!std::holds_alternative<graph::Tokens>(before->op)) continue;
    const graph::Dims& picture = graph.nodes[static_cast<std::size_t>(before->inputs[0])].dims;
    for (const int parameter : node.parameters)
      all.push_back({graph.parameters[static_cast<std::size_t>(parameter)].name, class_token ? 1 : 0, picture[1], picture[2], picture[0]});
  }
  return all;
}

bool can_resample_positions(const graph::Dims& from, const Positions& to) {
  return from.size() == 3 && from[0] == 1 && from[2] == to.channels && square_root(from[1] - to.prefix).has_value();
}

bool may_be_square(const Positions& to) { return to.height != to.width && square_root(to.height * to.width).has_value(); }

std::vector<float> resample_positions(std::span<const float> values, const graph::Dims& from, const Positions& to) {
  const int64_t side = square_root(from[1] - to.prefix).value(), width = from[2];
  const auto prefix = static_cast<std::size_t>(to.prefix * width);
  std::vector<double> grid(values.begin() + static_cast<std::ptrdiff_t>(prefix), values.end());
  grid = resample(grid, side, side, to.width, width);           // along each row
  grid = resample(grid, 1, side, to.height, to.width * width);  // then down
  std::vector<float> result(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(prefix));
  for (const double value : grid) result.push_back(static_cast<float>(value));
  return result;
}

}  // namespace graft::weights
