#include <fmt/format.h>

#include <algorithm>

#include "graft/graph/walks.h"
#include "graft/onnx/translate.h"

namespace graft::onnx {
namespace {

constexpr int64_t kLargest = 1 << 16;  // of strides, kernels and paddings

/// What TensorFlow's SAME adds to a side of `size`: before and after.
std::pair<int64_t, int64_t> same_padding(int64_t size, int64_t kernel, int64_t stride) {
  const int64_t total = std::max<int64_t>(0, ((size + stride - 1) / stride - 1) * stride + kernel - size);
  return {total / 2, total - total / 2};
}

std::vector<int64_t> same_pads(const graph::Dims& x, const Window& w) {
  const auto [top, bottom] = same_padding(x[1], w.height, w.stride);
  const auto [left, right] = same_padding(x[2], w.width, w.stride);
  return {top, left, bottom, right};
}

graph::Tensor zeros(int64_t count) { return graph::Tensor::copy_of(std::vector<float>(static_cast<std::size_t>(count))); }

graph::Tensor transposed(std::span<const float> values, std::size_t rows, std::size_t columns) {
  const auto out = std::make_shared<std::vector<float>>(values.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) (*out)[j * rows + i] = values[i * columns + j];
  return {out, *out};
}

}  // namespace

/// The picture of a convolution or pool, perhaps padded, channels first.
const Known& Translation::picture(const NodeProto& node) const {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->node >= 0 && (x->form == Form::plain || x->form == Form::padded), "its input is part of an unknown pattern");
  require(node, !x->channels_last && dims(x->node).size() == 3, "its input is not a picture");
  return *x;
}

Window Translation::window_of(const NodeProto& node, const Known& x, int64_t height, int64_t width) const {
  const auto list = [&](const char* name, std::vector<int64_t> otherwise) {
    const AttributeProto* a = node.find(name);
    if (a == nullptr) return otherwise;
    require(node, a->ints.size() == otherwise.size(), fmt::format("{} of {} numbers", name, a->ints.size()));
    return a->ints;
  };
  const std::vector<int64_t> strides = list("strides", {1, 1}), dilations = list("dilations", {1, 1});
  require(node, dilations == std::vector<int64_t>{1, 1}, "dilated");
  require(node, strides[0] == strides[1], fmt::format("strides of {} and {}", strides[0], strides[1]));
  Window w{height, width, strides[0], list("pads", {0, 0, 0, 0})};
  const AttributeProto* automatic = node.find("auto_pad");
  if (automatic != nullptr && automatic->s == "VALID") w.pads = {0, 0, 0, 0};
  for (const int64_t size : {w.height, w.width, w.stride})
    require(node, size >= 1 && size <= kLargest, fmt::format("a kernel or stride of {}", size));
  if (automatic != nullptr && automatic->s.starts_with("SAME")) {
    require(node, automatic->s == "SAME_UPPER", "auto_pad SAME_LOWER");
    require(node, x.form == Form::plain, "padded twice");
    w.pads = same_pads(dims(x.node), w);
  }
  if (x.form == Form::padded)
    for (std::size_t i = 0; i < 4; ++i) w.pads[i] += x.pads[i];
  for (const int64_t pad : w.pads) require(node, pad >= 0 && pad <= kLargest, fmt::format("a padding of {}", pad));
  return w;
}

void Translation::conv(const NodeProto& node) {
  const Known& x = picture(node);
  const TensorProto* weight = node.inputs.size() > 1 ? constant(node.inputs[1]) : nullptr;
  const TensorProto* bias = node.inputs.size() > 2 && !node.inputs[2].empty() ? constant(node.inputs[2]) : nullptr;
  require(node, weight != nullptr && (node.inputs.size() < 3 || node.inputs[2].empty() || bias != nullptr), "computed weights");
  require(node, weight->dims.size() == 4 && graph::element_count(weight->dims) > 0, "weights that are not 2D kernels");
  const graph::Dims in = dims(x.node);
  const Window w = window_of(node, x, weight->dims[2], weight->dims[3]);
  const int64_t groups = node.integer("group", 1);
  require(node, groups >= 1 && in[0] % groups == 0 && weight->dims[0] % groups == 0, fmt::format("{} groups of {} channels", groups, in[0]));
  graph::Conv2d op{.out = weight->dims[0], .kernel = w.height, .stride = w.stride, .groups = groups, .bias = bias != nullptr};
  if (w.width != w.height) op.width = w.width;
  const AttributeProto* automatic = node.find("auto_pad");
  const bool symmetric = w.pads[0] == w.pads[2] && w.pads[1] == w.pads[3];
  if (!symmetric || (automatic != nullptr && automatic->s == "SAME_UPPER" && w.stride > 1)) {
    require(node, w.pads == same_pads(in, w), fmt::format("a padding of {}", fmt::join(w.pads, ", ")));
    op.same = true;
  } else if (w.pads[0] != w.height / 2 || w.pads[1] != w.width / 2) {  // else it is Conv2d's own default
    require(node, w.pads[0] == w.pads[1], fmt::format("a padding of {}", fmt::join(w.pads, ", ")));
    op.padding = w.pads[0];
  }
  const graph::Value made = graph::Builder(graph_).conv(path_of(node, node.inputs[1]), at(x.node), op);
  graph::Tensor kernels = floats(node, *weight);
  if (bgr_ && x.node == 0) kernels = blue_first(node, weight->dims, kernels);
  set_values(node, made, 0, weight->dims, std::move(kernels));
  if (bias != nullptr) set_values(node, made, 1, bias->dims, floats(node, *bias));
  give(node, made);
}

/// For the graph's picture, which is red first: the kernels of a file that takes blue first, in the other order.
graph::Tensor Translation::blue_first(const NodeProto& node, const graph::Dims& shape, const graph::Tensor& kernels) {
  require(node, shape[1] == 3, "blue first in groups");
  const auto out = std::make_shared<std::vector<float>>(kernels.values.begin(), kernels.values.end());
  const std::size_t plane = static_cast<std::size_t>(shape[2] * shape[3]);
  for (std::size_t at = 0; at < out->size(); at += 3 * plane) {
    const auto first = out->begin() + static_cast<std::ptrdiff_t>(at), third = first + static_cast<std::ptrdiff_t>(2 * plane);
    std::swap_ranges(first, first + static_cast<std::ptrdiff_t>(plane), third);
  }
  return {out, *out};
}

void Translation::batch_norm(const NodeProto& node) {
  bool channels_last = false;
  const graph::Value x = any_order(node, 0, channels_last);
  require(node, (x.dims().size() == 3 || x.dims().size() == 1) && !channels_last, "its input is neither a picture nor a vector");
  require(node, node.inputs.size() == 5 && node.integer("training_mode", 0) == 0, "in training mode");
  const graph::Value made = graph::Builder(graph_).batch_norm(path_of(node, node.inputs[1]), x, {.eps = node.real("epsilon", 1e-5F)});
  for (std::size_t i = 1; i < 5; ++i) {
    const TensorProto* tensor = constant(node.inputs[i]);
    require(node, tensor != nullptr, "computed statistics");
    set_values(node, made, i - 1, tensor->dims, floats(node, *tensor));
  }
  give(node, made);
}

/// `transposed`: the file has (in, out).
void Translation::linear(const NodeProto& node, const TensorProto& weight, bool is_transposed, const TensorProto* bias) {
  const graph::Value x = plain(node, 0);
  require(node, x.dims().size() == 1, "its input is not a vector");
  require(node, weight.dims.size() == 2 && graph::element_count(weight.dims) > 0, "weights that are not a matrix");
  graph::Dims shape = weight.dims;
  graph::Tensor values = floats(node, weight);
  if (is_transposed) {
    values = transposed(values.values, static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]));
    std::swap(shape[0], shape[1]);
  }
  const graph::Value made = graph::Builder(graph_).linear(path_of(node, weight.name), x, {.out = shape[0]});
  set_values(node, made, 0, shape, std::move(values));
  graph::Tensor added = zeros(shape[0]);
  if (bias != nullptr) {
    require(node, graph::element_count(bias->dims) == shape[0], "a bias of another width");
    added = floats(node, *bias);
  }
  set_values(node, made, 1, {shape[0]}, std::move(added));
  give(node, made);
}

void Translation::gemm(const NodeProto& node) {
  require(node, node.real("alpha", 1) == 1 && node.real("beta", 1) == 1 && node.integer("transA", 0) == 0, "alpha, beta or transA");
  const TensorProto* weight = node.inputs.size() > 1 ? constant(node.inputs[1]) : nullptr;
  const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
  const TensorProto* bias = has_bias ? constant(node.inputs[2]) : nullptr;
  require(node, weight != nullptr && has_bias == (bias != nullptr), "computed weights");
  linear(node, *weight, node.integer("transB", 0) == 0, bias);
}

void Translation::mat_mul(const NodeProto& node) {
  const TensorProto* weight = node.inputs.size() > 1 ? constant(node.inputs[1]) : nullptr;
  require(node, weight != nullptr, "a product of two computed values");
  linear(node, *weight, true, nullptr);
}

/// A constant added to each channel of a layer that nothing else reads is its bias.
bool Translation::add_bias(const NodeProto& node, const Known& x, const TensorProto& bias) {
  if (x.node <= 0 || x.form != Form::plain) return false;
  graph::Node& layer = graph_.nodes[static_cast<std::size_t>(x.node)];
  const std::size_t rank = layer.dims.size() + 1, channel = x.channels_last ? rank - 1 : 1;
  const int64_t channels = layer.dims[0];
  graph::Dims aligned(rank > bias.dims.size() ? rank - bias.dims.size() : 0, 1);  // numpy aligns shapes at their end
  aligned.insert(aligned.end(), bias.dims.begin(), bias.dims.end());
  graph::Dims expected(rank, 1);
  expected[channel] = channels;
  if (aligned != expected) return false;
  const bool once = readers_[node.inputs[0]] == 1 || readers_[node.inputs[1]] == 1;
  if (!once) return false;
  graph::Tensor values = floats(node, bias);
  if (std::holds_alternative<graph::Linear>(layer.op)) {
    graph::Parameter& p = graph_.parameters[static_cast<std::size_t>(layer.parameters[1])];
    if (std::ranges::any_of(p.tensor.values, [](float v) { return v != 0; })) return false;
    p.tensor = std::move(values);
  } else if (auto* op = std::get_if<graph::Conv2d>(&layer.op); op != nullptr && !op->bias) {
    op->bias = true;
    const std::string& weight = graph_.parameters[static_cast<std::size_t>(layer.parameters[0])].name;
    layer.parameters.push_back(static_cast<int>(graph_.parameters.size()));
    graph_.parameters.push_back({weight.substr(0, weight.rfind('.')) + ".bias", {channels}, layer.stage, false, std::move(values)});
  } else {
    return false;
  }
  give(node, x);
  return true;
}

void Translation::max_pool(const NodeProto& node) {
  const Known& x = picture(node);
  const AttributeProto* kernel = node.find("kernel_shape");
  require(node, kernel != nullptr && kernel->ints.size() == 2 && kernel->ints[0] == kernel->ints[1], "a kernel that is not square");
  require(node, node.outputs.size() == 1 || node.outputs[1].empty(), "its indices");
  const Window w = window_of(node, x, kernel->ints[0], kernel->ints[1]);
  if (x.form == Form::padded) {  // with zeros, which are no more than what a Relu gives
    const auto* before = std::get_if<graph::Activation>(&graph_.nodes[static_cast<std::size_t>(x.node)].op);
    require(node, before != nullptr && (before->function == graph::Function::relu || before->function == graph::Function::relu6),
            "padded with zeros");
  }
  require(node, w.pads[0] == w.pads[1] && w.pads[0] < w.height, fmt::format("a padding of {}", fmt::join(w.pads, ", ")));
  const graph::Dims in = dims(x.node);
  graph::MaxPool op{.kernel = w.height, .stride = w.stride, .padding = w.pads[0], .ceil = node.integer("ceil_mode", 0) != 0};
  if (w.pads[2] != w.pads[0] || w.pads[3] != w.pads[1]) {  // more at the end: the same windows as rounding up, where their number is
    require(node, !op.ceil, "padded on one side and rounded up");
    op.ceil = true;
    const graph::Dims out = graph::infer(op, {in});
    const bool same =
        out[1] == (in[1] + w.pads[0] + w.pads[2] - w.height) / w.stride + 1 && out[2] == (in[2] + w.pads[1] + w.pads[3] - w.width) / w.stride + 1;
    require(node, same, fmt::format("a padding of {}", fmt::join(w.pads, ", ")));
  }
  give(node, graph::apply(op, {at(x.node)}));
}

void Translation::average_pool(const NodeProto& node) {
  const Known& x = picture(node);
  const graph::Dims in = dims(x.node);
  const AttributeProto* kernel = node.find("kernel_shape");
  require(node, kernel != nullptr && kernel->ints.size() == 2, "no kernel_shape");
  const Window w = window_of(node, x, kernel->ints[0], kernel->ints[1]);
  const bool padded = std::ranges::any_of(w.pads, [](int64_t p) { return p != 0; });
  if (!padded && w.height == in[1] && w.width == in[2]) return give(node, graph::apply(graph::GlobalAveragePool{.keep = true}, {at(x.node)}));
  require(node, w.height == w.width, "a kernel that is not square");
  require(node, std::ranges::all_of(w.pads, [&](int64_t p) { return p == w.pads[0]; }), fmt::format("a padding of {}", fmt::join(w.pads, ", ")));
  require(node, !padded || x.form == Form::padded || node.integer("count_include_pad", 0) != 0, "a padding that does not count");
  const auto rest = [&](int64_t size) { return (size + 2 * w.pads[0] - w.height) % w.stride; };
  require(node, node.integer("ceil_mode", 0) == 0 || (rest(in[1]) == 0 && rest(in[2]) == 0), "rounded up");
  give(node, graph::apply(graph::AveragePool{.kernel = w.height, .stride = w.stride, .padding = w.pads[0]}, {at(x.node)}));
}

void Translation::global_average_pool(const NodeProto& node) {
  const graph::Value x = plain(node, 0);
  require(node, x.dims().size() == 3, "its input is not a picture");
  give(node, graph::apply(graph::GlobalAveragePool{.keep = true}, {x}));
}

void Translation::reduce_mean(const NodeProto& node) {
  bool channels_last = false;
  const graph::Value x = any_order(node, 0, channels_last);
  require(node, x.dims().size() == 3, "its input is not a picture");
  const std::vector<int64_t> places = channels_last ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{2, 3};
  require(node, axes_of(node, 4) == places, "not over the picture");
  const bool keep = node.integer("keepdims", 1) != 0;
  give(node, graph::apply(graph::GlobalAveragePool{.keep = keep}, {x}), keep && channels_last);
}

}  // namespace graft::onnx
