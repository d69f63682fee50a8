// Small ONNX files written by the tests themselves.
#pragma once

#include <cmath>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graft/onnx/fields.h"

namespace graft::onnx {

using MadeAttribute = std::pair<std::string, std::variant<int64_t, float, std::vector<int64_t>>>;

class MadeModel {
 public:
  MadeModel& input(const std::string& name, const std::vector<int64_t>& dims, int type = tensor::kFloat32) {
    return value(graph_proto::kInput, name, dims, type);
  }
  MadeModel& output(const std::string& name, const std::vector<int64_t>& dims = {}) {
    return value(graph_proto::kOutput, name, dims, tensor::kFloat32);
  }

  /// `type`: "Conv", or "com.microsoft:QGemm".
  MadeModel& node(const std::string& type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                  const std::vector<MadeAttribute>& attributes = {}) {
    protozero::pbf_writer out(graph_);
    protozero::pbf_writer n(out, graph_proto::kNode);
    for (const std::string& name : inputs) n.add_string(node::kInput, name);
    for (const std::string& name : outputs) n.add_string(node::kOutput, name);
    const std::size_t colon = type.find(':');
    n.add_string(node::kOperator, colon == type.npos ? type : type.substr(colon + 1));
    if (colon != type.npos) n.add_string(node::kDomain, domain_ = type.substr(0, colon));
    for (const auto& [name, held] : attributes) {
      protozero::pbf_writer a(n, node::kAttribute);
      a.add_string(attribute::kName, name);
      if (const auto* i = std::get_if<int64_t>(&held)) a.add_int64(attribute::kInt, *i), a.add_enum(attribute::kType, attribute::type_int);
      else if (const auto* f = std::get_if<float>(&held)) a.add_float(attribute::kFloat, *f), a.add_enum(attribute::kType, attribute::type_float);
      else {
        for (const int64_t number : std::get<std::vector<int64_t>>(held)) a.add_int64(attribute::kInts, number);
        a.add_enum(attribute::kType, attribute::type_ints);
      }
    }
    return *this;
  }

  MadeModel& floats(const std::string& name, const std::vector<int64_t>& dims, const std::vector<float>& values) {
    return constant(name, dims, tensor::kFloat32, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }
  MadeModel& ints(const std::string& name, const std::vector<int64_t>& dims, const std::vector<int64_t>& values) {
    return constant(name, dims, tensor::kInt64, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(int64_t));
  }
  template <class T>
  MadeModel& wholes(const std::string& name, const std::vector<int64_t>& dims, int type, const std::vector<T>& values) {
    return constant(name, dims, type, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  /// Numbers without a pattern, in -scale..scale.
  MadeModel& noise(const std::string& name, const std::vector<int64_t>& dims, float scale) {
    std::size_t count = 1;
    for (const int64_t d : dims) count *= static_cast<std::size_t>(d);
    std::vector<float> values(count);
    for (float& v : values) {
      noise_ = noise_ * 1664525U + 1013904223U;
      v = scale * (static_cast<float>(noise_ >> 8) / 8388608.F - 1);
    }
    return floats(name, dims, values);
  }

  std::string bytes(int64_t opset = 17) const {
    std::string file;
    protozero::pbf_writer out(file);
    out.add_int64(model::kIrVersion, 8);
    out.add_bytes(model::kGraph, graph_);
    protozero::pbf_writer(out, model::kOpset).add_int64(opset::kVersion, opset);
    if (domain_.empty()) return file;
    protozero::pbf_writer other(out, model::kOpset);
    other.add_string(opset::kDomain, domain_);
    other.add_int64(opset::kVersion, 1);
    other.commit();
    return file;
  }

 private:
  MadeModel& value(Tag tag, const std::string& name, const std::vector<int64_t>& dims, int type) {
    protozero::pbf_writer out(graph_);
    protozero::pbf_writer v(out, tag);
    v.add_string(value_info::kName, name);
    protozero::pbf_writer holder(v, value_info::kType);
    protozero::pbf_writer tensor_type(holder, type::kTensor);
    tensor_type.add_int32(type::kElement, type);
    if (dims.empty()) return *this;
    protozero::pbf_writer shape(tensor_type, type::kShape);
    for (const int64_t d : dims) {
      protozero::pbf_writer dim(shape, type::kDim);
      if (d >= 0) dim.add_int64(type::kDimValue, d);
      else dim.add_string(type::kDimParameter, "N");
    }
    return *this;
  }

  MadeModel& constant(const std::string& name, const std::vector<int64_t>& dims, int type, const char* bytes, std::size_t size) {
    protozero::pbf_writer out(graph_);
    protozero::pbf_writer t(out, graph_proto::kInitializer);
    for (const int64_t d : dims) t.add_int64(tensor::kDims, d);
    t.add_int32(tensor::kType, type);
    t.add_string(tensor::kName, name);
    t.add_bytes(tensor::kRaw, bytes, size);
    return *this;
  }

  std::string graph_, domain_;
  uint32_t noise_ = 1;
};

/// From the value `from`, a picture of `channels`: a convolution of 16 kernels, a Relu, the average "features" (N, 16), and a dense layer "logits" of
/// `classes` outputs.
inline MadeModel& small_network(MadeModel& model, const std::string& from, float scale = 1, int64_t channels = 3, int64_t classes = 4) {
  return model.noise("conv.weight", {16, channels, 3, 3}, scale)
      .noise("conv.bias", {16}, 0.1F)
      .noise("fc.weight", {classes, 16}, 1)
      .noise("fc.bias", {classes}, 1)
      .node("Conv", {from, "conv.weight", "conv.bias"}, {"map"},
            {{"strides", std::vector<int64_t>{2, 2}}, {"pads", std::vector<int64_t>{1, 1, 1, 1}}})
      .node("Relu", {"map"}, {"active"})
      .node("GlobalAveragePool", {"active"}, {"mean"})
      .node("Flatten", {"mean"}, {"features"})
      .node("Gemm", {"features", "fc.weight", "fc.bias"}, {"logits"}, {{"transB", int64_t{1}}});
}

}  // namespace graft::onnx
