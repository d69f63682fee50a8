#include "graft/onnx/input_scale.h"

#include <algorithm>
#include <cmath>

#include "graft/onnx/fields.h"

namespace graft::onnx {
namespace {

constexpr int kLongest = 32;  // nodes that are looked at

using Three = std::array<double, 3>;

/// The picture behind some of the first nodes.
struct State {
  std::string_view value;
  bool channels_last;
  int type;
  InputScale scale;

  int64_t channel_axis() const { return channels_last ? 3 : 1; }
};

bool is_float(int type) { return type == tensor::kFloat32 || type == tensor::kFloat16; }

/// The one node that reads the value; nullptr where there are several, or it is an output.
const NodeProto* only_reader(const ModelProto& model, std::string_view value) {
  if (std::ranges::any_of(model.outputs, [&](const ValueProto& v) { return v.name == value; })) return nullptr;
  const NodeProto* only = nullptr;
  for (const NodeProto& node : model.nodes) {
    const auto times = std::ranges::count(node.inputs, value);
    const bool inside = std::ranges::any_of(node.attributes, &AttributeProto::subgraph) && reads_of(model, node).contains(value);
    if (times == 0 && !inside) continue;
    if (only != nullptr || times != 1 || inside) return nullptr;
    only = &node;
  }
  return only;
}

/// One number, or one for each of three channels, aligned with the picture as numpy aligns shapes.
std::optional<Three> per_channel(const ModelProto& model, std::string_view name, const State& state, bool along_channels = false) {
  const auto found = model.initialisers.find(name);
  if (found == model.initialisers.end() || found->second.dims.size() > 4) return std::nullopt;
  const graph::Dims& dims = found->second.dims;
  const int64_t count = graph::element_count(dims);
  graph::Dims aligned(4 - dims.size(), 1);
  aligned.insert(aligned.end(), dims.begin(), dims.end());
  graph::Dims expected(4, 1);
  expected[static_cast<std::size_t>(state.channel_axis())] = 3;
  if (count != 1 && aligned != expected && !(along_channels && dims == graph::Dims{3})) return std::nullopt;
  const auto values = to_floats(found->second);
  if (!values) return std::nullopt;
  const auto at = [&](std::size_t i) { return static_cast<double>(values->values[count == 1 ? 0 : i]); };
  return Three{at(0), at(1), at(2)};
}

void scale_by(InputScale& scale, const Three& factor) {
  for (std::size_t j = 0; j < 3; ++j) {
    scale.factor[j] *= factor[j];
    scale.offset[j] *= factor[j];
  }
}

bool arithmetic(const ModelProto& model, const NodeProto& node, State& state) {
  if (node.inputs.size() != 2) return false;
  const std::size_t other = node.inputs[0] == state.value ? 1 : 0;
  const auto numbers = per_channel(model, node.inputs[other], state);
  if (!numbers || (node.type == "Div" && other == 0)) return false;
  InputScale& scale = state.scale;
  Three inverse{};
  std::ranges::transform(*numbers, inverse.begin(), [](double x) { return 1 / x; });
  if (node.type == "Mul") scale_by(scale, *numbers);
  else if (node.type == "Div") scale_by(scale, inverse);
  else {
    if (node.type == "Sub" && other == 0) scale_by(scale, {-1, -1, -1});
    const double sign = node.type == "Sub" && other == 1 ? -1 : 1;
    for (std::size_t j = 0; j < 3; ++j) scale.offset[j] += sign * (*numbers)[j];
  }
  return true;
}

/// MXNet puts one before everything.
bool batch_norm(const ModelProto& model, const NodeProto& node, State& state) {
  if (state.channels_last || node.inputs.size() != 5 || node.integer("training_mode", 0) != 0) return false;
  std::array<std::optional<Three>, 4> parts;
  for (std::size_t i = 0; i < 4; ++i) parts[i] = per_channel(model, node.inputs[i + 1], state, true);
  if (!std::ranges::all_of(parts, [](const auto& part) { return part.has_value(); })) return false;
  const auto& [gamma, beta, mean, variance] = parts;
  Three factor{};
  for (std::size_t j = 0; j < 3; ++j) factor[j] = (*gamma)[j] / std::sqrt((*variance)[j] + static_cast<double>(node.real("epsilon", 1e-5F)));
  scale_by(state.scale, factor);
  for (std::size_t j = 0; j < 3; ++j) state.scale.offset[j] += (*beta)[j] - factor[j] * (*mean)[j];
  return true;
}

std::optional<std::vector<int64_t>> integers(const ModelProto& model, const NodeProto& node, std::size_t input) {
  if (input >= node.inputs.size()) return std::nullopt;
  const auto found = model.initialisers.find(node.inputs[input]);
  return found == model.initialisers.end() || graph::element_count(found->second.dims) > 4 ? std::nullopt : to_integers(found->second);
}

/// x[:, [2, 1, 0]], or x[..., ::-1] along the channels.
bool swap(const ModelProto& model, const NodeProto& node, State& state) {
  const int64_t axis = state.channel_axis();
  const auto is_axis = [&](int64_t a) { return a == axis || a == axis - 4; };
  const auto second = integers(model, node, 1);
  if (node.type == "Gather") {
    if (!second || !is_axis(node.integer("axis", 0)) || (*second != std::vector<int64_t>{2, 1, 0} && *second != std::vector<int64_t>{-1, -2, -3}))
      return false;
  } else {
    const auto end = integers(model, node, 2), axes = integers(model, node, 3), steps = integers(model, node, 4);
    if (!second || !end || !axes || !steps) return false;
    for (const auto& list : {*second, *end, *axes, *steps})
      if (list.size() != 1) return false;
    const bool all = ((*second)[0] == -1 || (*second)[0] >= 2) && (*end)[0] < -3;
    if (!is_axis((*axes)[0]) || (*steps)[0] != -1 || !all) return false;
  }
  state.scale.swapped = !state.scale.swapped;
  std::swap(state.scale.factor[0], state.scale.factor[2]);
  std::swap(state.scale.offset[0], state.scale.offset[2]);
  return true;
}

bool transpose(const NodeProto& node, State& state) {
  const AttributeProto* order = node.find("perm");
  const std::vector<int64_t> to_first{0, 3, 1, 2}, to_last{0, 2, 3, 1};
  if (order == nullptr || order->ints != (state.channels_last ? to_first : to_last)) return false;
  state.channels_last = !state.channels_last;
  return true;
}

/// What the node makes of the picture, written into `state`; false where that is more than such a scale.
bool take(const ModelProto& model, const NodeProto& node, State& state) {
  if (!node.domain.empty() || node.outputs.empty()) return false;
  const std::string_view type = node.type;
  if (type == "Cast") {
    state.type = static_cast<int>(node.integer("to", 0));
    return is_float(state.type);
  }
  if (type == "Identity") return true;
  if (type == "Transpose") return transpose(node, state);
  if (!is_float(state.type)) return false;
  if (type == "Add" || type == "Sub" || type == "Mul" || type == "Div") return arithmetic(model, node, state);
  if (type == "BatchNormalization") return batch_norm(model, node, state);
  return (type == "Gather" || type == "Slice") && swap(model, node, state);
}

bool usable(const InputScale& scale) {
  return std::ranges::all_of(scale.factor, [](double f) { return std::isfinite(f) && f > 1e-6 && f < 1e6; }) &&
         std::ranges::all_of(scale.offset, [](double o) { return std::isfinite(o) && std::abs(o) < 1e6; });
}

bool changes_numbers(const NodeProto& node) { return node.type != "Cast" && node.type != "Identity" && node.type != "Transpose"; }

}  // namespace

InputScale take_input_scale(ModelProto& model, ImageInput& input) {
  State state{input.name, input.channels_last, input.type, {.from_bytes = !is_float(input.type)}}, last = state;
  std::vector<const NodeProto*> seen;
  std::size_t kept = 0;
  for (int i = 0; i < kLongest; ++i) {
    const NodeProto* node = only_reader(model, state.value);
    if (node == nullptr || !take(model, *node, state)) break;
    state.value = node->outputs.front();
    seen.push_back(node);
    const bool counts = changes_numbers(*node) || !is_float(last.type);
    if (!counts || !usable(state.scale) || (input.channels == 1 && state.scale.swapped)) continue;
    kept = seen.size();
    last = state;
  }
  if (kept == 0) return last.scale;
  seen.resize(kept);
  last.scale.nodes = static_cast<std::size_t>(std::ranges::count_if(seen, [](const NodeProto* n) { return changes_numbers(*n); }));
  std::set<std::string_view> outputs;
  for (const NodeProto* node : seen) outputs.insert(node->outputs.front());
  std::erase_if(model.nodes, [&](const NodeProto& node) { return outputs.contains(node.outputs.front()); });
  model.producers.clear();
  for (const NodeProto& node : model.nodes)
    for (const std::string_view output : node.outputs)
      if (!output.empty()) model.producers[output] = &node;
  input.name = last.value;
  input.channels_last = last.channels_last;
  input.type = last.type;
  model.inputs.front() = {last.value, last.type, std::nullopt};
  return last.scale;
}

std::span<const PictureScale> usual_scales() {
  constexpr float kByte = 1.F / 255;
  static constexpr std::array kScales{
      PictureScale{"ImageNet's", {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
      PictureScale{"0..1", {0, 0, 0}, {1, 1, 1}},
      PictureScale{"-1..1", {0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}},
      PictureScale{"0..255", {0, 0, 0}, {kByte, kByte, kByte}},
      PictureScale{"0..255 minus the mean, blue first (Caffe)", {123.68F / 255, 116.779F / 255, 103.939F / 255}, {kByte, kByte, kByte}, true},
  };
  return kScales;
}

std::optional<PictureScale> told_by(const InputScale& scale) {
  constexpr double kLeast = 0.25, kMost = 0.75, kApart = 0.03, kNear = 0.01;
  const auto among = [](const Three& numbers, double low, double high) {
    return std::ranges::all_of(numbers, [&](double x) { return x >= low && x <= high; });
  };
  for (const double range : {1.0, 255.0}) {
    if (scale.from_bytes && range == 1) continue;
    Three zero{}, span{};  // which part of the range becomes 0
    for (std::size_t j = 0; j < 3; ++j) {
      zero[j] = -scale.offset[j] / (scale.factor[j] * range);
      span[j] = scale.factor[j] * range;
    }
    const bool centred = among(zero, kLeast, kMost);
    const bool to_one = range == 255 && among(zero, 0, 0) && among(span, 1 - kNear, 1 + kNear);
    if (!centred && !to_one && !scale.from_bytes) continue;
    bool inside_bgr = scale.swapped;
    if (centred && std::abs(zero[2] - zero[0]) > kApart) inside_bgr = zero[2] > zero[0];  // photos are more red than blue
    const auto one = static_cast<float>(1 / range);
    return PictureScale{range == 1 ? "0..1" : "0..255", {0, 0, 0}, {one, one, one}, inside_bgr != scale.swapped};
  }
  return std::nullopt;
}

PictureScale joined(const PictureScale& outer, const InputScale& scale) {
  PictureScale inner = outer;
  inner.bgr = outer.bgr != scale.swapped;
  for (std::size_t j = 0; j < 3; ++j) {
    const std::size_t file = scale.swapped ? 2 - j : j, colour = outer.bgr ? 2 - file : file;
    const double mean = outer.mean[colour], deviation = outer.std[colour];
    inner.mean[colour] = static_cast<float>(mean - scale.offset[j] * deviation / scale.factor[j]);
    inner.std[colour] = static_cast<float>(deviation / scale.factor[j]);
  }
  return inner;
}

}  // namespace graft::onnx
