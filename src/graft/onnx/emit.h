// The walk that writes each operator of a Graph as ONNX nodes.
#pragma once

#include <protozero/pbf_writer.hpp>

#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/onnx/fields.h"

namespace graft::onnx {

template <class T>
void write_tensor(protozero::pbf_writer& graph_out, const std::string& name, const graph::Dims& shape, std::span<const T> values) {
  protozero::pbf_writer out(graph_out, graph_proto::kInitializer);
  for (const int64_t d : shape) out.add_int64(tensor::kDims, d);
  out.add_int32(tensor::kType, std::is_same_v<std::remove_const_t<T>, float> ? tensor::kFloat32 : tensor::kInt64);
  out.add_string(tensor::kName, name);
  out.add_bytes(tensor::kRaw, reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

using Ints = std::vector<int64_t>;
using Strings = std::vector<std::string>;

struct Attribute {
  const char* name;
  std::variant<int64_t, float, std::string, Ints> value;
};

/// Writes one node of a Graph. `inputs` names the values it reads, then its parameters; `from` and `to` have their shapes without
/// the batch. An operator that ONNX has no node for is written as several, whose values begin with the name of its output.
struct Emit {
  protozero::pbf_writer& graph_out;
  Strings inputs;
  std::string output;
  graph::Dims from, to;
  std::set<std::string>& constants;  // those written so far
  int64_t version = 17;              // of the operators: a Foreign network brings its own

  void operator()(const graph::Input&) const;
  void operator()(const graph::Conv2d& c) const;
  void operator()(const graph::ConvTranspose2d& c) const;
  void operator()(const graph::BatchNorm& b) const;
  void operator()(const graph::LayerNorm& n) const;
  void operator()(const graph::InstanceNorm& n) const;
  void operator()(const graph::Linear&) const;
  void operator()(const graph::Activation& a) const;
  void operator()(const graph::MaxPool& p) const;
  void operator()(const graph::AveragePool& p) const;
  void operator()(const graph::AdaptiveAveragePool& p) const;
  void operator()(const graph::ReflectionPad& p) const;
  void operator()(const graph::GlobalAveragePool& p) const;
  void operator()(const graph::Flatten&) const;
  void operator()(const graph::Dropout&) const;
  void operator()(const graph::Add&) const;
  void operator()(const graph::Multiply&) const;
  void operator()(const graph::Scale&) const;
  void operator()(const graph::Concat&) const;
  void operator()(const graph::ChannelSlice& c) const;
  void operator()(const graph::ChannelShuffle& c) const;
  void operator()(const graph::Tokens&) const;
  void operator()(const graph::Picture&) const;
  void operator()(const graph::ClassToken&) const;
  void operator()(const graph::PositionEmbedding&) const;
  void operator()(const graph::Attention& a) const;
  void operator()(const graph::FirstToken&) const;
  void operator()(const graph::MirrorViews&) const;
  void operator()(const graph::MeanOfViews&) const;
  void operator()(const graph::Foreign& f) const;

  /// Gives a value a second name.
  static void same(protozero::pbf_writer& graph_out, const std::string& value, const std::string& name);

 private:
  void node(const char* type, const std::vector<Attribute>& attributes, const Strings& reads, const Strings& gives) const;
  void node(const char* type, const std::vector<Attribute>& attributes = {}) const { node(type, attributes, inputs, {output}); }
  /// A value of this operator's own, named after its output.
  std::string own(const char* what) const { return output + "_" + what; }
  std::string ints(const Ints& values) const;
  std::string number(float value) const;
  void reshape(const std::string& x, const Ints& shape, const std::string& y) const;
  void transpose(const std::string& x, const Ints& order, const std::string& y) const;
};

}  // namespace graft::onnx
