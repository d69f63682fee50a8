#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "graft/onnx/fields.h"
#include "graft/onnx/translate.h"

namespace graft::onnx {
namespace {

constexpr std::size_t kMostParts = 16;  // that a shape is made of

/// (N, C, H, W) of the value, in its own order.
graph::Dims shape_of(const graph::Dims& dims, bool channels_last) {
  graph::Dims shape{kBatch};
  shape.insert(shape.end(), dims.begin(), dims.end());
  if (channels_last && shape.size() == 4) std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  return shape;
}

}  // namespace

void Translation::same(const NodeProto& node) {
  if (const Known* x = known(node.inputs[0])) return give(node, *x);
  refuse(node, "its input is a constant");
}

void Translation::cast(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr, "its input is a constant");
  const int64_t to = node.integer("to", 0);
  require(node, x->numbers.has_value() || to == tensor::kFloat32 || to == tensor::kFloat16 || to == tensor::kFloat64, "not to floats");
  give(node, *x);
}

void Translation::pad(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->node >= 0 && x->form == Form::plain && dims(x->node).size() == 3, "its input is not a picture");
  const AttributeProto *mode = node.find("mode"), *written = node.find("pads");
  require(node, mode == nullptr || mode->s == "constant", "not with zeros");
  require(node, node.inputs.size() < 4 || node.inputs[3].empty(), "along chosen axes");
  const float value = node.inputs.size() > 2 && !node.inputs[2].empty() ? scalar(node.inputs[2]).value_or(1) : node.real("value", 0);
  require(node, value == 0, "not with zeros");
  std::optional<std::vector<int64_t>> pads = written != nullptr ? std::optional(written->ints) : std::nullopt;
  if (!pads && node.inputs.size() > 1) pads = numbers(node.inputs[1]);
  require(node, pads && pads->size() == 8, "computed amounts");
  const std::vector<int64_t>& p = *pads;
  const std::size_t y = x->channels_last ? 1 : 2, c = x->channels_last ? 3 : 1;
  require(node, p[0] == 0 && p[4] == 0 && p[c] == 0 && p[4 + c] == 0, "of batch or channels");
  for (const int64_t amount : p) require(node, amount >= 0 && amount <= 1 << 16, "of such amounts");
  give(node, {x->node, Form::padded, x->channels_last, {p[y], p[y + 1], p[4 + y], p[5 + y]}});
}

void Translation::concat(const NodeProto& node) {
  int64_t axis = node.integer("axis", 0);
  if (const auto first = numbers(node.inputs[0]); first && axis <= 0) {
    std::vector<int64_t> joined;
    for (const std::string_view input : node.inputs) {
      const auto part = numbers(input);
      require(node, part && joined.size() + part->size() <= kMostParts, "its input is a constant");
      joined.insert(joined.end(), part->begin(), part->end());
    }
    return give(node, {.numbers = joined});
  }
  std::vector<graph::Value> parts;
  bool channels_last = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    bool last = false;
    parts.push_back(any_order(node, i, last));
    require(node, i == 0 || last == channels_last, "mixed orders of channels");
    channels_last = last;
    const graph::Dims &a = parts.front().dims(), &b = parts.back().dims();
    require(node, a.size() == b.size() && std::equal(a.begin() + 1, a.end(), b.begin() + 1), "pictures of different sizes");
  }
  const auto rank = static_cast<int64_t>(parts.front().dims().size()) + 1;
  if (axis < 0) axis += rank;
  require(node, axis == (channels_last ? rank - 1 : 1), "not along the channels");
  give(node, graph::apply(graph::Concat{}, parts), channels_last);
}

/// (C, H, W) or (C, 1, 1) as a vector.
void Translation::to_vector(const NodeProto& node, std::size_t input) {
  bool channels_last = false;
  const graph::Value x = any_order(node, input, channels_last);
  const graph::Dims in = x.dims();
  if (in.size() == 1) return give(node, x);
  const bool point = in[1] == 1 && in[2] == 1;
  require(node, !channels_last || point, "a picture with channels last as a vector");
  const graph::Node& before = graph_.nodes[static_cast<std::size_t>(x.node)];
  if (std::holds_alternative<graph::GlobalAveragePool>(before.op)) give(node, graph::apply(graph::GlobalAveragePool{}, {at(before.inputs[0])}));
  else give(node, graph::apply(graph::Flatten{}, {x}));
}

/// (C) as (C, 1, 1): only behind an average, which can be kept so from the start.
void Translation::to_point(const NodeProto& node, bool channels_last) {
  const graph::Value x = plain(node, 0);
  const graph::Node& before = graph_.nodes[static_cast<std::size_t>(x.node)];
  require(node, std::holds_alternative<graph::GlobalAveragePool>(before.op), "a vector as a picture");
  give(node, graph::apply(graph::GlobalAveragePool{.keep = true}, {at(before.inputs[0])}), channels_last);
}

void Translation::flatten(const NodeProto& node) {
  const int64_t axis = node.integer("axis", 1);
  require(node, axis == 1, fmt::format("axis {}", axis));
  to_vector(node, 0);
}

void Translation::reshape(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  if (x != nullptr && x->numbers) return give(node, *x);
  const auto target = node.inputs.size() > 1 ? numbers(node.inputs[1]) : std::nullopt;
  require(node, target.has_value(), "a computed shape");
  require(node, x != nullptr && x->node >= 0 && x->form == Form::plain, "its input is part of an unknown pattern");
  const graph::Dims in = dims(x->node), own = shape_of(in, x->channels_last);
  std::vector<int64_t> to = *target;
  require(node, !to.empty() && (to[0] == kBatch || to[0] == 0 || to[0] == -1 || to[0] == 1), "of the batch");
  for (std::size_t i = 1; i < to.size(); ++i)
    if (to[i] == 0 && i < own.size()) to[i] = own[i];
  if (to.size() == own.size() && std::equal(to.begin() + 1, to.end(), own.begin() + 1)) return give(node, *x);
  const int64_t count = graph::element_count(in);
  if (to.size() == 2 && (to[1] == count || (to[1] == -1 && to[0] != -1))) return to_vector(node, 0);
  const auto is = [&](std::size_t i, int64_t size) { return to[i] == size || (to[i] == -1 && to[0] != -1); };
  if (to.size() == 4 && in.size() == 1 && is(1, count) && to[2] == 1 && to[3] == 1) return to_point(node, false);
  if (to.size() == 4 && in.size() == 1 && is(3, count) && to[1] == 1 && to[2] == 1) return to_point(node, true);
  refuse(node, fmt::format("{} to {}", graph::to_string(in), fmt::join(to.begin() + 1, to.end(), "x")));
}

/// Ascending, from 0; of an attribute or an input. None: all.
std::vector<int64_t> Translation::axes_of(const NodeProto& node, std::size_t rank) const {
  std::vector<int64_t> axes;
  if (const AttributeProto* a = node.find("axes")) axes = a->ints;
  else if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
    const auto read = numbers(node.inputs[1]);
    require(node, read.has_value(), "computed axes");
    axes = *read;
  }
  for (int64_t& axis : axes)
    if (axis < 0) axis += static_cast<int64_t>(rank);
  std::ranges::sort(axes);
  return axes;
}

void Translation::squeeze(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr, "its input is a constant");
  if (x->numbers) return give(node, *x);
  require(node, x->node >= 0 && x->form == Form::plain && dims(x->node).size() == 3, "its input is not a picture");
  const graph::Dims& in = dims(x->node);
  require(node, in[1] == 1 && in[2] == 1, "a picture of more than a pixel");
  const std::vector<int64_t> places = x->channels_last ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{2, 3};
  require(node, axes_of(node, 4) == places, "not of the picture");
  to_vector(node, 0);
}

void Translation::unsqueeze(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  if (x == nullptr || x->numbers) {
    const auto same_numbers = numbers(node.inputs[0]);
    require(node, same_numbers.has_value(), "its input is a constant");
    return give(node, {.numbers = *same_numbers});
  }
  require(node, x->node >= 0 && dims(x->node).size() == 1, "its input is not a vector");
  const std::vector<int64_t> axes = axes_of(node, 4);
  require(node, axes == std::vector<int64_t>{2, 3} || axes == std::vector<int64_t>{1, 2}, "not to a picture");
  to_point(node, axes[0] == 1);
}

void Translation::transpose(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->node >= 0 && (x->form == Form::plain || x->form == Form::padded) && dims(x->node).size() == 3,
          "its input is not a picture");
  const AttributeProto* order = node.find("perm");
  const std::vector<int64_t> to_first{0, 3, 1, 2}, to_last{0, 2, 3, 1};
  require(node, order != nullptr && order->ints == (x->channels_last ? to_first : to_last), "not between channels first and channels last");
  Known turned = *x;
  turned.channels_last = !x->channels_last;
  give(node, std::move(turned));
}

void Translation::shape(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->node >= 0 && x->form == Form::plain, "its input is part of an unknown pattern");
  graph::Dims all = shape_of(dims(x->node), x->channels_last);
  const auto rank = static_cast<int64_t>(all.size());
  const auto bound = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + rank : i, 0, rank); };
  const int64_t begin = bound(node.integer("start", 0)), end = std::max(begin, bound(node.integer("end", rank)));
  give(node, {.numbers = graph::Dims(all.begin() + begin, all.begin() + end)});
}

void Translation::gather(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->numbers && node.inputs.size() == 2, "its input is not a shape");
  const auto indices = numbers(node.inputs[1]);
  require(node, indices && indices->size() <= kMostParts, "computed places");
  std::vector<int64_t> taken;
  for (int64_t i : *indices) {
    const auto size = static_cast<int64_t>(x->numbers->size());
    if (i < 0) i += size;
    require(node, i >= 0 && i < size, "a place outside");
    taken.push_back((*x->numbers)[static_cast<std::size_t>(i)]);
  }
  give(node, {.numbers = taken});
}

void Translation::slice(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->numbers && node.inputs.size() >= 3, "its input is not a shape");
  const auto begin = numbers(node.inputs[1]), end = numbers(node.inputs[2]);
  require(node, begin && end && begin->size() == 1 && end->size() == 1, "computed bounds");
  require(node, node.inputs.size() < 5 || numbers(node.inputs[4]) == std::vector<int64_t>{1}, "a step other than 1");
  const auto size = static_cast<int64_t>(x->numbers->size());
  const auto bound = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? std::max<int64_t>(i, -size) + size : i, 0, size); };
  const int64_t first = bound((*begin)[0]), last = std::max(first, bound((*end)[0]));
  give(node, {.numbers = std::vector<int64_t>(x->numbers->begin() + first, x->numbers->begin() + last)});
}

}  // namespace graft::onnx
