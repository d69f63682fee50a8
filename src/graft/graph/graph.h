// A network, described once. Every use of it is a walk: shapes, parameters, cost, ONNX, training. Second layer of both journeys.
//
// Nodes stand in topological order; node 0 is the input, the last node the output. Every node belongs to a stage ("stem", "layer1", ... "head"),
// stages follow each other, and every parameter has its torchvision state-dict name. Shapes leave the batch out: (C, H, W) or (F).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace graft::graph {

using Dims = std::vector<int64_t>;

int64_t element_count(const Dims& dims);
std::string to_string(const Dims& dims);  // "256x128x3x3", "scalar" when empty

// One struct per operator, holding only what the operator is. A walk is one overload per struct through std::visit without a default,
// so an operator that some walk has forgotten does not compile.
struct Input {};
struct Conv2d {
  int64_t out, kernel, stride = 1, groups = 1;
  bool bias = false;
  bool same = false;  // TensorFlow SAME: asymmetric at stride 2; otherwise `padding`, by default kernel / 2
  std::optional<int64_t> padding = {};
};
struct BatchNorm {
  double eps = 1e-5;
};
struct Linear {
  int64_t out;
};
enum class Function { relu, relu6 };
struct Activation {
  Function function;
};
struct MaxPool {
  int64_t kernel, stride, padding = 0;
  bool ceil = false;
};
struct GlobalAveragePool {};
struct Dropout {
  double probability;
};  // identity outside training
struct Add {};
struct Concat {};       // along the channels
struct MirrorViews {};  // the batch, then its images mirrored left to right: from here on twice as many
struct MeanOfViews {};  // ends MirrorViews: the mean over an image and its mirror image
using Operator =
    std::variant<Input, Conv2d, BatchNorm, Linear, Activation, MaxPool, GlobalAveragePool, Dropout, Add, Concat, MirrorViews, MeanOfViews>;

/// Float32 values of one parameter, row-major; shared and immutable. The owner may be a mapped file.
struct Tensor {
  std::shared_ptr<const void> owner;
  std::span<const float> values;

  static Tensor copy_of(std::span<const float> values);
  bool empty() const { return values.empty(); }
};

struct Parameter {
  std::string name;  // torchvision's
  Dims shape;
  int stage;
  bool buffer;    // a running statistic: never trained
  Tensor tensor;  // empty until weights are loaded
};

struct Node {
  Operator op;
  std::vector<int> inputs;
  std::vector<int> parameters;  // indices into Graph::parameters, in the operator's own order (weight, bias, running_mean, running_var)
  Dims dims;                    // of the output
  int stage;
};

struct Graph {
  std::string name;  // of the model, for messages
  std::vector<Node> nodes;
  std::vector<Parameter> parameters;
  std::vector<std::string> stages;

  const Dims& input_dims() const { return nodes.front().dims; }
  const Dims& output_dims() const { return nodes.back().dims; }
  /// Index of a stage by name; Error (usage) lists the stages and a near miss.
  int stage(std::string_view name) const;
  /// Parameter by state-dict name, or nullptr.
  Parameter* find(std::string_view name);
  const Parameter* find(std::string_view name) const;
};

}  // namespace graft::graph
