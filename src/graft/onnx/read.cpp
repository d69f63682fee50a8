#include "graft/onnx/read.h"

#include <protozero/pbf_reader.hpp>

#include "graft/onnx/fields.h"
#include "graft/onnx/other_kind.h"

namespace graft::onnx {
namespace {

using protozero::pbf_reader;

graph::Dims read_shape(pbf_reader shape) {
  graph::Dims dims;
  while (shape.next(type::kDim)) {
    pbf_reader dim = shape.get_message();
    int64_t size = -1;
    while (dim.next()) {
      if (dim.tag() == type::kDimValue) size = dim.get_int64();
      else dim.skip();
    }
    dims.push_back(size);
  }
  if (!dims.empty()) dims.erase(dims.begin());  // the batch
  return dims;
}

/// The shape inside ValueInfoProto: type.tensor_type.shape.
graph::Dims read_value_info(pbf_reader info) {
  while (info.next(value_info::kType)) {
    pbf_reader holder = info.get_message();
    while (holder.next(type::kTensor)) {
      pbf_reader tensor_type = holder.get_message();
      while (tensor_type.next(type::kShape)) return read_shape(tensor_type.get_message());
    }
  }
  return {};
}

std::pair<std::string, std::string> read_entry(pbf_reader reader) {
  std::pair<std::string, std::string> pair;
  while (reader.next()) {
    if (reader.tag() == entry::kKey) pair.first = reader.get_string();
    else if (reader.tag() == entry::kValue) pair.second = reader.get_string();
    else reader.skip();
  }
  return pair;
}

void read_graph(pbf_reader reader, Header& header) {
  while (reader.next()) {
    if (reader.tag() == graph_proto::kInput && header.input.empty()) header.input = read_value_info(reader.get_message());
    else if (reader.tag() == graph_proto::kOutput && header.output.empty()) header.output = read_value_info(reader.get_message());
    else reader.skip();
  }
}

}  // namespace

Header read_header(Bytes bytes, const std::string& name) {
  Header header;
  bool has_graph = false, has_opset = false;
  try {
    pbf_reader reader(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (reader.next()) {
      switch (reader.tag()) {
        case model::kGraph:
          read_graph(reader.get_message(), header);
          has_graph = true;
          break;
        case model::kMetadata: header.metadata.insert(read_entry(reader.get_message())); break;
        case model::kOpset:
          has_opset = true;
          reader.skip();
          break;
        default: reader.skip();
      }
    }
  } catch (const std::exception&) {  // protozero: the records do not fit the file
    throw not_onnx(bytes, name);
  }
  if (!has_graph || !has_opset) throw not_onnx(bytes, name);
  return header;
}

}  // namespace graft::onnx
