#include "graft/onnx/read_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <protozero/pbf_reader.hpp>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/onnx/fields.h"
#include "graft/onnx/write.h"

namespace graft::onnx {
namespace {

using graph::Function;
using graph::Operator;

/// Why it cannot be read back.
struct NoWayBack {
  std::string reason;
};

/// The ONNX nodes that one node of the Graph was written as; the last one gives its value.
class Written {
 public:
  Written(const ModelProto& model, std::vector<const NodeProto*> nodes) : model_(model), nodes_(std::move(nodes)) {}

  std::string types() const {
    std::string all;
    for (const NodeProto* node : nodes_) all += (all.empty() ? "" : " ") + std::string(node->type);
    return all;
  }
  std::size_t size() const { return nodes_.size(); }
  const NodeProto& node(std::size_t i = 0) const { return *nodes_[i]; }
  const NodeProto& last() const { return *nodes_.back(); }
  std::string place() const { return place_of(last()); }

  int64_t first_of(const char* attribute) const { return list(attribute).at(0); }
  const std::vector<int64_t>& list(const char* attribute) const {
    const AttributeProto* a = node().find(attribute);
    if (a == nullptr || a->ints.empty()) throw NoWayBack{place() + ": no " + attribute};
    return a->ints;
  }
  /// Number `at` of a constant that node `i` reads.
  int64_t constant(std::size_t i, std::size_t input, std::size_t at) const {
    const auto found = model_.initialisers.find(node(i).inputs.at(input));
    const auto numbers = found == model_.initialisers.end() ? std::nullopt : to_integers(found->second);
    if (!numbers || numbers->size() <= at) throw NoWayBack{place() + ": computed numbers"};
    return (*numbers)[at];
  }
  bool reads_weights(std::size_t input) const { return input < last().inputs.size() && model_.initialisers.contains(last().inputs[input]); }
  int64_t rows_of(std::size_t i, std::size_t input) const { return dims_of(i, input).at(0); }
  int64_t columns_of(std::size_t i, std::size_t input) const { return dims_of(i, input).at(1); }
  /// A number that node `i` reads.
  double number(std::size_t i, std::size_t input) const {
    const auto found = model_.initialisers.find(node(i).inputs.at(input));
    const auto values = found == model_.initialisers.end() ? std::nullopt : to_floats(found->second);
    if (!values || values->values.empty()) throw NoWayBack{place() + ": computed numbers"};
    return static_cast<double>(values->values[0]);
  }
  double epsilon(std::size_t i) const { return static_cast<double>(node(i).real("epsilon", 0)); }

 private:
  const graph::Dims& dims_of(std::size_t i, std::size_t input) const {
    const auto found = model_.initialisers.find(node(i).inputs.at(input));
    if (found == model_.initialisers.end() || found->second.dims.empty()) throw NoWayBack{place() + ": computed weights"};
    return found->second.dims;
  }

  const ModelProto& model_;
  const std::vector<const NodeProto*> nodes_;
};

Operator conv(const Written& w) {
  const std::vector<int64_t>& kernel = w.list("kernel_shape");
  graph::Conv2d op{.out = w.rows_of(0, 1), .kernel = kernel.at(0), .stride = w.first_of("strides"), .groups = w.node().integer("group", 1)};
  op.bias = w.node().inputs.size() > 2;
  if (kernel.at(1) != op.kernel) op.width = kernel.at(1);
  op.same = w.node().find("auto_pad") != nullptr;
  if (op.same) return op;
  const std::vector<int64_t>& pads = w.list("pads");
  if (pads.at(0) != op.pad_height() || pads.at(1) != op.pad_width()) op.padding = pads.at(0);
  return op;
}

Operator conv_transpose(const Written& w) {
  return graph::ConvTranspose2d{.out = w.columns_of(0, 1),
                                .kernel = w.first_of("kernel_shape"),
                                .stride = w.first_of("strides"),
                                .padding = w.first_of("pads"),
                                .output_padding = w.first_of("output_padding"),
                                .bias = w.node().inputs.size() > 2};
}

/// A layer's weight is "NAME.weight", in PyTorch's MultiheadAttention "NAME_weight".
Operator linear(const Written& w, std::size_t weight) {
  const std::string_view name = w.node().inputs.at(weight);
  return graph::Linear{.out = w.rows_of(0, weight), .joint = name.ends_with("_weight") ? '_' : '.'};
}

Operator max_pool(const Written& w) {
  return graph::MaxPool{w.first_of("kernel_shape"), w.first_of("strides"), w.first_of("pads"), w.node().integer("ceil_mode", 0) != 0};
}

Operator average_pool(const Written& w) { return graph::AveragePool{w.first_of("kernel_shape"), w.first_of("strides"), w.first_of("pads")}; }

template <Function function>
Operator activation(const Written& /*w*/) {
  return graph::Activation{function};
}

template <class Op>
Operator plain(const Written& /*w*/) {
  return Op{};
}

/// By the types of the nodes in a row, as emit.cpp writes them.
const std::map<std::string_view, std::function<Operator(const Written&)>>& kinds() {
  static const std::map<std::string_view, std::function<Operator(const Written&)>> table{
      {"Conv", conv},
      {"ConvTranspose", conv_transpose},
      {"BatchNormalization", [](const Written& w) { return graph::BatchNorm{w.epsilon(0)}; }},
      {"LayerNormalization", [](const Written& w) { return graph::LayerNorm{w.epsilon(0)}; }},
      {"Transpose LayerNormalization Transpose", [](const Written& w) { return graph::LayerNorm{w.epsilon(1)}; }},
      {"GlobalAveragePool Sub Mul Add GlobalAveragePool Sqrt Div", [](const Written& w) { return graph::InstanceNorm{w.number(3, 1)}; }},
      {"Gemm", [](const Written& w) { return linear(w, 1); }},
      {"Transpose MatMul Add", [](const Written& w) { return linear(w, 0); }},
      {"Relu", activation<Function::relu>},
      {"Clip", activation<Function::relu6>},
      {"Sigmoid", activation<Function::sigmoid>},
      {"HardSigmoid", activation<Function::hard_sigmoid>},
      {"Sigmoid Mul", activation<Function::silu>},
      {"HardSwish", activation<Function::hard_swish>},
      {"Div Erf Add Mul Mul", activation<Function::gelu>},
      {"Tanh", activation<Function::tanh>},
      {"LeakyRelu", activation<Function::leaky_relu>},
      {"Pad", [](const Written& w) { return graph::ReflectionPad{w.constant(0, 1, 2)}; }},
      {"MaxPool", max_pool},
      {"AveragePool", average_pool},
      {"MatMul MatMul", [](const Written& w) { return graph::AdaptiveAveragePool{w.rows_of(0, 0)}; }},
      {"GlobalAveragePool", [](const Written&) { return graph::GlobalAveragePool{.keep = true}; }},
      {"GlobalAveragePool Flatten", plain<graph::GlobalAveragePool>},
      {"ReduceMean", plain<graph::GlobalAveragePool>},
      {"Flatten", plain<graph::Flatten>},
      {"Identity", plain<graph::Dropout>},
      {"Add", [](const Written& w) { return w.reads_weights(1) ? Operator(graph::PositionEmbedding{}) : graph::Add{}; }},
      {"Mul", [](const Written& w) { return w.reads_weights(1) ? Operator(graph::Scale{}) : graph::Multiply{}; }},
      {"Concat", plain<graph::Concat>},
      {"Slice",
       [](const Written& w) {
         const int64_t begin = w.constant(0, 1, 0);
         return graph::ChannelSlice{begin, w.constant(0, 2, 0) - begin};
       }},
      {"Reshape Transpose Reshape", [](const Written& w) { return graph::ChannelShuffle{w.constant(0, 1, 1)}; }},
      {"Reshape Transpose", plain<graph::Tokens>},
      {"Transpose Reshape", [](const Written& w) { return graph::Picture{w.constant(1, 1, 2)}; }},
      {"Shape Concat Expand Concat", plain<graph::ClassToken>},
      {"Split Reshape Reshape Reshape Transpose Transpose Transpose Mul MatMul Softmax MatMul Transpose Reshape",
       [](const Written& w) { return graph::Attention{w.constant(1, 1, 2)}; }},
      {"Gather Flatten", plain<graph::FirstToken>},
      {"Slice Concat", plain<graph::MirrorViews>},
      {"Split Mean", plain<graph::MeanOfViews>},
  };
  return table;
}

class ReadBack {
 public:
  explicit ReadBack(const ModelProto& model) : model_(model) {
    for (const ValueProto& output : model.outputs) outputs_.insert(output.name);
  }

  graph::Graph graph() {
    const auto& shape = model_.inputs.front().shape;
    if (!shape || shape->size() < 2) throw NoWayBack{"its input has no shape"};
    graph_.name = model_.path;
    graph_.stages = {"network"};
    graph_.nodes.push_back({graph::Input{}, {}, {}, graph::Dims(shape->begin() + 1, shape->end()), 0});
    node_of_[model_.inputs.front().name] = 0;
    std::vector<const NodeProto*> written;
    for (const NodeProto& node : model_.nodes) {
      written.push_back(&node);
      if (is_value(node.outputs.front())) add(std::exchange(written, {}));
    }
    for (const ValueProto& output : model_.outputs) {
      const auto found = node_of_.find(output.name);
      if (found == node_of_.end()) throw NoWayBack{"its output is not a value of a network that graft wrote"};
      graph_.outputs.push_back({std::string(output.name), found->second});
    }
    check();
    return std::move(graph_);
  }

 private:
  /// Of a node of the Graph; what lies between the nodes that it is written as has a longer name.
  bool is_value(std::string_view name) const {
    constexpr std::string_view kValue = "value_";
    return outputs_.contains(name) || (name.starts_with(kValue) && name.find('_', kValue.size()) == name.npos);
  }

  void add(std::vector<const NodeProto*> nodes) {
    const Written written(model_, std::move(nodes));
    const auto kind = kinds().find(written.types());
    if (kind == kinds().end()) throw NoWayBack{written.place() + ": operator " + printable(written.types())};
    graph::Node node{kind->second(written), {}, {}, {}, 0};
    std::vector<std::string_view> weights;
    std::vector<graph::Dims> dims;
    const bool takes_several = written.types() == "Add" || written.types() == "Mul" || written.types() == "Concat";
    for (std::size_t i = 0; i < written.size(); ++i)
      for (const std::string_view input : written.node(i).inputs) {
        if (const auto value = node_of_.find(input); value != node_of_.end()) {
          if (!node.inputs.empty() && !takes_several) continue;
          node.inputs.push_back(value->second);
          dims.push_back(graph_.nodes[static_cast<std::size_t>(value->second)].dims);
        } else if (const auto weight = model_.initialisers.find(input);
                   weight != model_.initialisers.end() && weight->second.type == tensor::kFloat32) {
          weights.push_back(input);
        }
      }
    if (node.inputs.empty()) throw NoWayBack{written.place() + ": it reads no value"};
    node.dims = graph::infer(node.op, dims);
    for (graph::Parameter& p : graph::parameters_of(node.op, dims[0], path_of(weights))) node.parameters.push_back(add(std::move(p)));
    node_of_[written.last().outputs.front()] = static_cast<int>(graph_.nodes.size());
    graph_.nodes.push_back(std::move(node));
  }

  /// Of a layer, by its first weight.
  static std::string path_of(const std::vector<std::string_view>& weights) {
    if (weights.empty()) return {};
    std::string_view name = weights.front();
    for (const std::string_view end : {".weight", "_weight"})
      if (name.ends_with(end)) name.remove_suffix(end.size());
    return std::string(name);
  }

  int add(graph::Parameter parameter) {
    const auto found = model_.initialisers.find(parameter.name);
    auto values = found == model_.initialisers.end() || found->second.dims != parameter.shape ? std::nullopt : to_floats(found->second);
    if (!values) throw NoWayBack{"no values of '" + printable(parameter.name) + "'"};
    parameter.tensor = std::move(*values);
    graph_.parameters.push_back(std::move(parameter));
    return static_cast<int>(graph_.parameters.size()) - 1;
  }

  /// What nobody would notice otherwise: an attribute that was changed, a pattern that is another one.
  void check() const {
    const std::string again = structure(graph_);
    auto node = model_.nodes.begin();
    for (protozero::pbf_reader in(again); in.next(model::kGraph);)
      for (protozero::pbf_reader nodes = in.get_message(); nodes.next(graph_proto::kNode); ++node) {
        const protozero::data_view record = nodes.get_view();
        if (node == model_.nodes.end() || node->record != std::string_view(record.data(), record.size()))
          throw NoWayBack{"node " + std::to_string(node - model_.nodes.begin()) + " is not as graft writes it"};
      }
    if (node != model_.nodes.end()) throw NoWayBack{place_of(*node) + " is not of graft"};
  }

  const ModelProto& model_;
  graph::Graph graph_;
  std::set<std::string_view> outputs_;
  std::map<std::string_view, int> node_of_;
};

}  // namespace

Reading read_back(const ModelProto& model) try {
  if (model.producer != "graft" || model.inputs.size() != 1) return {std::nullopt, "it was not written by graft"};
  return {ReadBack(model).graph(), {}};
} catch (const NoWayBack& why) {
  return {std::nullopt, why.reason};
} catch (const Error& error) {  // of graph::infer: shapes that do not fit
  return {std::nullopt, error.fact()};
} catch (const std::out_of_range&) {
  return {std::nullopt, "an operator lacks what graft writes of it"};
}

}  // namespace graft::onnx
