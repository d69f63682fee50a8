// From the nodes of a foreign ONNX file to graft's operators, one node after the other. Known patterns (x * sigmoid(x), an erf GELU, a Pad before a
// convolution, the Transposes around a channels-last input) are recognised by what is known of their inputs, not by their order in the file.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "graft/graph/builder.h"
#include "graft/graph/graph.h"
#include "graft/onnx/image_input.h"
#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// Thrown inside the reader: why the network is not one of graft's operators. Not an Error, since the network can be used all the same.
struct Inexpressible {
  std::string reason;
};

/// A step of a pattern over one value x that no operator of the Graph stands for by itself.
enum class Form {
  plain,               // x itself
  padded,              // x with zeros around it
  plus_three,          // x + 3
  clipped_plus_three,  // relu6(x + 3)
  six_hard_swish,      // x relu6(x + 3)
  over_root_two,       // x / sqrt 2
  erf,                 // erf(x / sqrt 2)
  one_plus_erf,
  half_one_plus_erf,
  x_one_plus_erf,  // x (1 + erf(x / sqrt 2))
  half,            // x / 2
};

/// A batch in numbers made of shapes.
inline constexpr int64_t kBatch = -1'000'003;

/// What is known of an ONNX value: a node's output in some form, or numbers that describe a shape.
struct Known {
  int node = -1;
  Form form = Form::plain;
  bool channels_last = false;      // the value is (N, H, W, C), the node's output (C, H, W) as always
  std::vector<int64_t> pads = {};  // top, left, bottom, right
  std::optional<std::vector<int64_t>> numbers = {};
};

/// What a window of a convolution or a pool does at the borders.
struct Window {
  int64_t height, width, stride;
  std::vector<int64_t> pads;  // top, left, bottom, right; with those of a Pad before it
};

class Translation {
 public:
  Translation(const ModelProto& model, const ImageInput& input, Size size);

  /// The graph whose last node is the value; one stage. Throws Inexpressible.
  graph::Graph graph_of(std::string_view value);

 private:
  using Rule = void (Translation::*)(const NodeProto&);
  static const std::map<std::string_view, Rule>& rules();

  // translate.cpp: what is known
  void translate(const NodeProto& node);
  [[noreturn]] void refuse(const NodeProto& node, const std::string& why) const;
  const TensorProto* constant(std::string_view name) const;
  std::optional<float> scalar(std::string_view name) const;
  std::optional<std::vector<int64_t>> numbers(std::string_view name) const;
  const Known* known(std::string_view name) const;
  /// A plain picture or vector, in the Graph's own order of channels.
  graph::Value plain(const NodeProto& node, std::size_t input) const;
  graph::Value any_order(const NodeProto& node, std::size_t input, bool& channels_last) const;
  graph::Value at(int index) { return {&graph_, index}; }
  const graph::Dims& dims(int index) const { return graph_.nodes[static_cast<std::size_t>(index)].dims; }
  void give(const NodeProto& node, graph::Value value, bool channels_last = false) { give(node, {value.node, Form::plain, channels_last}); }
  void give(const NodeProto& node, Known value) { known_[node.outputs.front()] = std::move(value); }
  std::string path_of(const NodeProto& node, std::string_view weight);
  void set_values(const NodeProto& node, graph::Value layer, std::size_t parameter, const graph::Dims& shape, graph::Tensor values);
  graph::Tensor floats(const NodeProto& node, const TensorProto& tensor);
  graph::Tensor blue_first(const NodeProto& node, const graph::Dims& shape, const graph::Tensor& kernels);
  void require(const NodeProto& node, bool holds, const std::string& why) const {
    if (!holds) refuse(node, why);
  }

  // translate_layers.cpp: layers with weights, pooling
  Window window_of(const NodeProto& node, const Known& x, int64_t height, int64_t width) const;
  const Known& picture(const NodeProto& node) const;
  void conv(const NodeProto& node);
  void batch_norm(const NodeProto& node);
  void gemm(const NodeProto& node);
  void mat_mul(const NodeProto& node);
  void linear(const NodeProto& node, const TensorProto& weight, bool transposed, const TensorProto* bias);
  bool add_bias(const NodeProto& node, const Known& layer, const TensorProto& bias);
  void max_pool(const NodeProto& node);
  void average_pool(const NodeProto& node);
  void global_average_pool(const NodeProto& node);
  void reduce_mean(const NodeProto& node);

  // translate_pointwise.cpp: activations, sums, products
  void activation(const NodeProto& node, graph::Function function);
  void relu(const NodeProto& node) { activation(node, graph::Function::relu); }
  void sigmoid(const NodeProto& node) { activation(node, graph::Function::sigmoid); }
  void hard_swish(const NodeProto& node) { activation(node, graph::Function::hard_swish); }
  void gelu(const NodeProto& node);
  void hard_sigmoid(const NodeProto& node);
  void clip(const NodeProto& node);
  void bounded(const NodeProto& node, float low, float high);
  void erf(const NodeProto& node);
  void arithmetic(const NodeProto& node);
  bool with_number(const NodeProto& node, std::string_view x, float number);
  bool product_of_forms(const NodeProto& node, const Known& a, const Known& b);
  void add(const NodeProto& node);
  void multiply(const NodeProto& node);

  // translate_shapes.cpp: what moves numbers without changing them
  void same(const NodeProto& node);
  void cast(const NodeProto& node);
  void pad(const NodeProto& node);
  void concat(const NodeProto& node);
  void flatten(const NodeProto& node);
  void reshape(const NodeProto& node);
  void squeeze(const NodeProto& node);
  void unsqueeze(const NodeProto& node);
  void transpose(const NodeProto& node);
  void shape(const NodeProto& node);
  void gather(const NodeProto& node);
  void slice(const NodeProto& node);
  void to_vector(const NodeProto& node, std::size_t input);
  void to_point(const NodeProto& node, bool channels_last);
  std::vector<int64_t> axes_of(const NodeProto& node, std::size_t rank) const;

  const ModelProto& model_;
  bool bgr_;  // the file takes blue first
  graph::Graph graph_;
  std::map<std::string_view, Known> known_;
  std::map<std::string_view, std::size_t> readers_;  // how often a value is read
  std::set<std::string> paths_;                      // of layers so far
  std::map<std::string, int> taken_;                 // how often a path was wanted by another layer, too
  std::size_t used_ = 0, budget_ = 0;                // bytes of weights, of those that may be used
};

/// Gives the nodes of a network of one stage theirs: "stem", "stage1" ... where the picture halves, "head". Stages begin where one value crosses.
/// A network without a classifier gets a head without values in place of it; with `encoder` also one whose last layer looks like a classifier.
graph::Graph with_stages(graph::Graph graph, bool encoder = false);

}  // namespace graft::onnx
