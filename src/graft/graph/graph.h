// A network, described once. Every use of it is a walk: shapes, parameters, cost, ONNX, training. Second layer of both journeys.
//
// Nodes are in topological order; node 0 is the input, and outputs have names. Every node belongs to a stage ("stem", "layer1", ... "head"), stages
// follow each other, and every parameter has its torchvision state-dict name. Shapes are without the batch: (C, H, W), tokens (T, C) or (F).
#pragma once

#include <cstdint>
#include <map>
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
  std::optional<int64_t> width = {};  // of the kernel, where that is not square (Inception's 1x7); its padding is width / 2

  int64_t kernel_width() const { return width.value_or(kernel); }
  int64_t pad_height() const { return padding.value_or(kernel / 2); }
  int64_t pad_width() const { return padding.value_or(kernel_width() / 2); }
};
struct ConvTranspose2d {  // the gradient of a convolution by its input: places become `stride` times as many (Zeiler et al. 2010)
  int64_t out, kernel, stride = 1, padding = 0;
  int64_t output_padding = 0;  // rows and columns more, below and to the right; fewer than `stride`
  bool bias = false;
};
struct BatchNorm {
  double eps = 1e-5;
};
struct LayerNorm {  // over the channels, of each token or each place of a picture
  double eps = 1e-6;
};
struct InstanceNorm {  // each channel of each picture by its own mean and variance, without parameters (Ulyanov et al. 2016)
  double eps = 1e-5;
};
struct Linear {  // of a vector, or of each token
  int64_t out;
  char joint = '.';  // between the layer's name and "weight"; '_' in PyTorch's MultiheadAttention
};
enum class Function { relu, relu6, sigmoid, hard_sigmoid, silu, hard_swish, gelu, tanh, leaky_relu };
/// Of leaky_relu below 0.
inline constexpr double kLeak = 0.2;
struct Activation {
  Function function;
};
struct MaxPool {
  int64_t kernel, stride, padding = 0;
  bool ceil = false;
};
struct AveragePool {  // the padding counts as zeros
  int64_t kernel, stride, padding = 0;
};
struct AdaptiveAveragePool {  // to (C, size, size) from any picture, as PyTorch's AdaptiveAvgPool2d
  int64_t size;
};
struct ReflectionPad {  // so many places on each side, mirrored at the border, which itself is not repeated
  int64_t size;
};
struct GlobalAveragePool {  // of a picture or of tokens: (C)
  bool keep = false;        // of a picture only: (C, 1, 1)
};
struct Flatten {};
struct Dropout {  // identity outside training
  double probability;
  bool whole = false;  // drops all values of a sample or none: stochastic depth (Huang et al. 2016), "row" in torchvision
};
struct Add {};
struct Multiply {};  // (C, H, W) by a scale of each channel (C, 1, 1)
struct Scale {};     // each channel by a learned number (layer scale, Touvron et al. 2021)
struct Concat {};    // along the channels
struct ChannelSlice {
  int64_t begin, length;
};
struct ChannelShuffle {  // channels (groups, C / groups) become (C / groups, groups) (Zhang et al. 2018)
  int64_t groups;
};
struct Tokens {};  // (C, H, W) -> (H W, C), row by row
struct Picture {   // back from H W tokens to the picture (C, H, W)
  int64_t height;
};
struct ClassToken {};         // a learned token before the others
struct PositionEmbedding {};  // a learned vector added to each token; load() fits it to the number of tokens
struct Attention {            // (T, 3 C) queries, keys, values -> (T, C): softmax(q k^T / sqrt(C / heads)) v in each head (Vaswani et al. 2017)
  int64_t heads;
};
struct FirstToken {};                          // (T, C) -> (C)
struct MirrorViews {};                         // the batch, then its images mirrored left to right: from here on twice as many
struct MeanOfViews {};                         // ends MirrorViews: the mean over an image and its mirror image
struct Foreign {                               // a network copied from an ONNX file, frozen; onnx/foreign.h makes it
  std::shared_ptr<const std::string> records;  // nodes and tensors of a GraphProto that make "foreign/output" of "foreign/input"
  std::map<std::string, int64_t> opsets;       // what they are written in, by domain
  Dims out;
};
using Operator =
    std::variant<Input, Conv2d, ConvTranspose2d, BatchNorm, LayerNorm, InstanceNorm, Linear, Activation, MaxPool, AveragePool, AdaptiveAveragePool,
                 ReflectionPad, GlobalAveragePool, Flatten, Dropout, Add, Multiply, Scale, Concat, ChannelSlice, ChannelShuffle, Tokens, Picture,
                 ClassToken, PositionEmbedding, Attention, FirstToken, MirrorViews, MeanOfViews, Foreign>;

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

/// The names of outputs: in files, in the engine, and where training takes gradients with respect to them.
inline constexpr const char* kLogits = "logits";                // an answer for each class
inline constexpr const char* kFeatures = "features";            // the input of a head
inline constexpr const char* kTranslated = "translated";        // a picture in [-1, 1], as the input of the network that made it
inline constexpr const char* kReconstructed = "reconstructed";  // pixels of patches
inline constexpr const char* kActivations = "activations";      // the output of a part of a network: the input of the rest

/// A node that is an output of the network, with its name.
struct Output {
  std::string name;
  int node;
};

struct Graph {
  std::string name;  // of the model, for messages
  std::vector<Node> nodes;
  std::vector<Parameter> parameters;
  std::vector<std::string> stages;
  std::vector<Output> outputs;  // the main one first; if empty: the last node, as kLogits

  const Dims& input_dims() const { return nodes.front().dims; }
  const Dims& output_dims() const { return nodes[output()].dims; }  // of the first
  /// The node of the first output, or of the named one; Error (usage) lists the names and suggests the nearest.
  std::size_t output() const;
  std::size_t output(std::string_view name) const;
  std::vector<Output> named_outputs() const;
  /// Adds this node as an output under that name, or replaces the one of that name.
  void name_output(const std::string& output_name, std::size_t node);
  /// Index of a stage by name; Error (usage) lists the stages and suggests the nearest.
  int stage(std::string_view name) const;
  /// Parameter by state-dict name, or nullptr.
  Parameter* find(std::string_view name);
  const Parameter* find(std::string_view name) const;
};

}  // namespace graft::graph
