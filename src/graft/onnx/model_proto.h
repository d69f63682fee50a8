// A foreign ONNX file taken apart. Names and weights stay in the mapped file, so a model costs little more than the pages that are used.
//
// Every count, rank, size and offset is checked before it is believed: a hostile file ends in an Error (data) that names the file and the node or
// tensor. Beside the mapping memory is at most 16 times the file (twice what integers take that it packs into a byte each) plus what kMostNodes nodes take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/files.h"
#include "graft/graph/graph.h"

namespace graft::onnx {

inline constexpr std::size_t kMostNodes = 100'000, kMostRank = 8;

struct TensorProto {
  std::string_view name;
  graph::Dims dims;
  int type = 0;  // TensorProto.DataType
  Bytes bytes;   // little-endian, row-major; exactly as many as dims and type say
  std::shared_ptr<const void> owner;
};

/// Bytes of one element; 0 for a type that graft does not know.
std::size_t element_bytes(int type);

/// float32 in place where it lies aligned, else converted; nothing for text, quantised and complex numbers.
std::optional<graph::Tensor> to_floats(const TensorProto& tensor);
/// Of an integer or boolean tensor.
std::optional<std::vector<int64_t>> to_integers(const TensorProto& tensor);

struct AttributeProto {
  std::string_view name;
  int64_t i = 0;
  float f = 0;
  std::string_view s;
  std::vector<int64_t> ints;
  std::vector<float> floats;
  std::optional<TensorProto> tensor;
  bool subgraph = false;  // control flow
};

struct NodeProto {
  std::string_view type, domain, name;
  std::vector<std::string_view> inputs, outputs;
  std::vector<AttributeProto> attributes;
  std::string_view record;  // the whole message

  const AttributeProto* find(std::string_view attribute) const;
  int64_t integer(std::string_view attribute, int64_t otherwise) const;
  float real(std::string_view attribute, float otherwise) const;
};

/// A graph's input or output.
struct ValueProto {
  std::string_view name;
  int type = 0;
  std::optional<graph::Dims> shape;  // the batch, too; -1 where free
};

struct ModelProto {
  std::string path;  // printable, the subject of messages
  int64_t ir_version = 0;
  std::map<std::string, int64_t> opsets;  // by domain; ONNX's own is ""
  std::map<std::string, std::string> metadata;
  std::string_view producer;
  std::vector<NodeProto> nodes;                            // every input is given by a node before, an initialiser or an input of the graph
  std::map<std::string_view, TensorProto> initialisers;    // with the values of Constant nodes
  std::vector<ValueProto> inputs, outputs;                 // inputs without those that are initialisers
  std::map<std::string_view, const NodeProto*> producers;  // of every value that a node gives
  std::vector<std::shared_ptr<const MappedFile>> files;    // the file and those with its external data
  std::vector<std::shared_ptr<const std::string>> made;    // names and records of what was rewritten since it was read

  ModelProto() = default;
  ModelProto(ModelProto&&) = default;
  ModelProto& operator=(ModelProto&&) = default;
};

/// Maps and parses. External data is looked for beside the file and nowhere else.
ModelProto read_model(const std::filesystem::path& path);

/// "node /layer1/Conv" or, where it has no name, "node of 'value_3'".
std::string place_of(const NodeProto& node);

/// Every value that the node reads, also those that only its subgraphs read. Error (data) where these are broken.
std::set<std::string_view> reads_of(const ModelProto& model, const NodeProto& node);

/// The nodes that a value needs, in the file's order. Subgraphs of control flow count with all that they read.
std::vector<const NodeProto*> nodes_for(const ModelProto& model, std::string_view value);

}  // namespace graft::onnx
