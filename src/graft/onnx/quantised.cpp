#include "graft/onnx/quantised.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graft/onnx/fields.h"
#include "graft/onnx/parse.h"
#include "graft/onnx/rewrite.h"

namespace graft::onnx {
namespace {

constexpr int64_t kDequantises = 10, kByChannel = 13;  // the opsets from which DequantizeLinear is there, and takes a scale for each channel
constexpr std::string_view kMicrosoft = "com.microsoft";

/// Where in a node's inputs a value stands, followed by its scale and zero point.
struct Operator {
  std::string_view domain, type;
  const char* plain;
  std::optional<std::size_t> weight, bias;
  std::size_t out;   // scale and zero point of what comes out
  int64_t axis = 0;  // of the weight, along which its scales may differ
};
constexpr Operator kOperators[] = {{"", "QLinearConv", "Conv", 3, 8, 6},
                                   {"", "QLinearMatMul", "MatMul", 3, {}, 6, 1},
                                   {kMicrosoft, "QGemm", "Gemm", 3, 6, 7, 1},
                                   {kMicrosoft, "QLinearGlobalAveragePool", "GlobalAveragePool", {}, {}, 3}};

class Dequantising {
 public:
  explicit Dequantising(ModelProto& model) : model_(model) {
    const auto own = model.opsets.find("");
    opset_ = own == model.opsets.end() ? 0 : own->second;
  }

  void run() {
    if (opset_ < kDequantises) return;
    std::vector<NodeProto> old = std::move(model_.nodes);
    model_.nodes.clear();
    for (NodeProto& node : old)
      if (!rewritten(node)) model_.nodes.push_back(std::move(node));
    find_producers(model_);
  }

 private:
  static std::string_view input(const NodeProto& node, std::size_t i) { return i < node.inputs.size() ? node.inputs[i] : std::string_view(); }

  /// Of a constant; one number or one for each channel.
  std::optional<std::vector<float>> scales(const NodeProto& node, std::size_t value) const {
    const auto found = model_.initialisers.find(input(node, value + 1));
    if (found == model_.initialisers.end() || found->second.dims.size() > 1) return std::nullopt;
    const auto read = to_floats(found->second);
    if (!read || read->values.empty()) return std::nullopt;
    return std::vector<float>(read->values.begin(), read->values.end());
  }

  bool rewritten(const NodeProto& node) {
    const auto* found = std::ranges::find_if(kOperators, [&](const Operator& o) { return o.type == node.type && o.domain == node.domain; });
    if (found == std::end(kOperators) || node.outputs.size() != 1 || node.integer("channels_last", 0) != 0) return false;
    const auto picture = scales(node, 0), weight = found->weight ? scales(node, *found->weight) : std::nullopt;
    if (!picture || picture->size() != 1 || (found->weight && !weight)) return false;
    const bool by_channel = weight && weight->size() > 1;
    if (by_channel && opset_ < kByChannel) return false;
    const int64_t axis = node.integer("transB", 0) != 0 ? 0 : found->axis;
    std::optional<std::string_view> bias;
    if (found->bias && !input(node, *found->bias).empty()) {
      bias = float_bias(node, *found->bias, node.real("alpha", 1) * picture->front(), *weight);
      if (!bias) return false;
    }
    std::vector<std::string_view> inputs{dequantised(node, 0, {})};
    if (found->weight) inputs.push_back(dequantised(node, *found->weight, by_channel ? std::optional(axis) : std::nullopt));
    if (bias) inputs.push_back(*bias);
    const bool as_floats = input(node, found->out).empty();  // QGemm may leave its answer so
    const std::string_view result = as_floats ? node.outputs.front() : name_after(node.outputs.front());
    model_.nodes.push_back(written(model_, {found->plain, inputs, result, {}, found->weight ? &node : nullptr}));
    if (!as_floats) add("QuantizeLinear", result, input(node, found->out), input(node, found->out + 1), {}, node.outputs.front());
    return true;
  }

  /// Its scale is the product of the picture's and the weight's, by the operators' definition.
  std::optional<std::string_view> float_bias(const NodeProto& node, std::size_t bias, float picture, const std::vector<float>& weight) {
    const auto found = model_.initialisers.find(input(node, bias));
    if (found == model_.initialisers.end() || found->second.dims.size() > 2) return std::nullopt;
    const auto whole = to_integers(found->second);
    if (!whole || whole->empty() || (weight.size() != 1 && weight.size() != whole->size())) return std::nullopt;
    std::vector<float> values;
    for (std::size_t i = 0; i < whole->size(); ++i)
      values.push_back(static_cast<float>(static_cast<double>((*whole)[i]) * picture * weight[weight.size() == 1 ? 0 : i]));
    const std::string_view name = name_after(input(node, bias));
    TensorProto tensor = made_tensor(values, found->second.dims, tensor::kFloat32);
    tensor.name = name;
    model_.initialisers[name] = std::move(tensor);
    return name;
  }

  std::string_view dequantised(const NodeProto& node, std::size_t value, std::optional<int64_t> axis) {
    return add("DequantizeLinear", input(node, value), input(node, value + 1), input(node, value + 2), axis, name_after(input(node, value)));
  }

  std::string_view add(const char* type, std::string_view value, std::string_view scale, std::string_view zero, std::optional<int64_t> axis,
                       std::string_view output) {
    std::vector<std::string_view> inputs{value, scale};
    if (!zero.empty()) inputs.push_back(zero);
    model_.nodes.push_back(written(model_, {type, std::move(inputs), output, axis}));
    return output;
  }

  /// "map/float": after the bytes that it stands for.
  std::string_view name_after(std::string_view value) {
    std::string name = std::string(value) + "/float";
    if (!names_.insert(name).second) names_.insert(name += std::to_string(names_.size()));
    return keep(model_, std::move(name));
  }

  ModelProto& model_;
  int64_t opset_ = 0;
  std::set<std::string> names_;
};

}  // namespace

void dequantise_operators(ModelProto& model) { Dequantising(model).run(); }

}  // namespace graft::onnx
