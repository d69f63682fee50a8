#include "graft/onnx/model_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/onnx/other_kind.h"
#include "graft/onnx/parse.h"
#include "graft/weights/file/state_dict.h"

namespace graft::onnx {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostListed = 1 << 16;      // inputs, outputs or attributes in one node
constexpr std::size_t kMostAttributes = 1 << 17;  // in all nodes: one takes a hundred times the two bytes that it may have in the file

class Parser {
 public:
  Parser(const fs::path& path, std::shared_ptr<const MappedFile> file)
      : place_{printable(path.string()), path.parent_path()}, file_(std::move(file)) {
    model_.path = place_.name;
  }

  ModelProto parse() {
    Record record(as_text(file_->bytes()));
    bool has_graph = false;
    while (record.next()) {
      switch (record.tag()) {
        case model::kIrVersion: model_.ir_version = record.integer(); break;
        case model::kProducer: model_.producer = record.text(); break;
        case model::kOpset: parse_opset(record.message()); break;
        case model::kMetadata: parse_metadata(record.message()); break;
        case model::kFunction: fail("has functions of its own", "inline them with onnx.inliner.inline_local_functions");
        case model::kGraph:
          if (has_graph) fail("has two graphs", "export the model again");
          has_graph = true;
          parse_graph(record.message());
          break;
        default: record.skip();
      }
    }
    if (!has_graph || model_.opsets.empty()) throw no_model();
    finish();
    return std::move(model_);
  }

  Error no_model() const { return not_onnx(file_->bytes(), place_.name); }

 private:
  [[noreturn]] void fail(const std::string& fact, const std::string& hint) const { throw data_error(place_.name, fact, hint); }

  void parse_opset(Record record) {
    std::string domain;
    int64_t version = 0;
    while (record.next()) {
      if (record.tag() == opset::kDomain) domain = record.text();
      else if (record.tag() == opset::kVersion) version = record.integer();
      else record.skip();
    }
    model_.opsets[domain == "ai.onnx" ? "" : domain] = version;
  }

  void parse_metadata(Record record) {
    std::string key, value;
    while (record.next()) {
      if (record.tag() == entry::kKey) key = record.text();
      else if (record.tag() == entry::kValue) value = record.text();
      else record.skip();
    }
    model_.metadata[key] = value;
  }

  void parse_graph(Record record) {
    while (record.next()) {
      switch (record.tag()) {
        case graph_proto::kNode: parse_node(record.message()); break;
        case graph_proto::kInitializer: add(parse_tensor(record.message(), place_)); break;
        case graph_proto::kInput: model_.inputs.push_back(parse_value(record.message())); break;
        case graph_proto::kOutput: model_.outputs.push_back(parse_value(record.message())); break;
        case graph_proto::kSparse: fail("has sparse tensors", "export it with dense ones");
        default: record.skip();
      }
      if (model_.nodes.size() > kMostNodes || model_.initialisers.size() > kMostNodes || model_.inputs.size() + model_.outputs.size() > kMostNodes)
        fail(fmt::format("more than {} nodes or tensors", kMostNodes), "");
    }
  }

  void add(TensorProto tensor) {
    if (!tensor.owner) tensor.owner = file_;
    const std::string_view name = tensor.name;
    if (!model_.initialisers.emplace(name, std::move(tensor)).second) fail("two tensors are called " + weights::in_quotes(name), "");
  }

  void parse_node(Record record) {
    NodeProto node;
    node.record = record.bytes();
    while (record.next()) {
      switch (record.tag()) {
        case node::kInput: node.inputs.push_back(record.text()); break;
        case node::kOutput: node.outputs.push_back(record.text()); break;
        case node::kName: node.name = record.text(); break;
        case node::kOperator: node.type = record.text(); break;
        case node::kDomain: node.domain = record.text(); break;
        case node::kAttribute: node.attributes.push_back(parse_attribute(record.message())); break;
        default: record.skip();
      }
      if (node.inputs.size() + node.outputs.size() + node.attributes.size() > kMostListed) fail(place_of(node) + " has too many inputs", "");
    }
    if (node.domain == "ai.onnx") node.domain = {};
    if (node.type.empty() || node.outputs.empty()) fail(place_of(node) + " has no operator or no output", "export the model again");
    listed_ += node.inputs.size() + node.outputs.size() + node.attributes.size();
    attributes_ += node.attributes.size();
    if (attributes_ > kMostAttributes) fail(fmt::format("its nodes have more than {} attributes", kMostAttributes), "");
    if (listed_ > 16 * kMostNodes) fail(fmt::format("its nodes have more than {} inputs and attributes", 16 * kMostNodes), "");
    if (node.type == "Constant" && node.domain.empty()) add(constant_of(node));
    else model_.nodes.push_back(std::move(node));
  }

  AttributeProto parse_attribute(Record record) {
    AttributeProto a;
    while (record.next()) {
      switch (record.tag()) {
        case attribute::kName: a.name = record.text(); break;
        case attribute::kFloat: a.f = record.real(); break;
        case attribute::kInt: a.i = record.integer(); break;
        case attribute::kString: a.s = record.text(); break;
        case attribute::kInts: record.integers(a.ints); break;
        case attribute::kFloats: record.reals(a.floats); break;
        case attribute::kTensor:
          a.tensor = parse_tensor(record.message(), place_);
          if (!a.tensor->owner) a.tensor->owner = file_;
          break;
        case attribute::kGraph:
        case attribute::kGraphs:
          a.subgraph = true;
          record.skip();
          break;
        default: record.skip();
      }
    }
    return a;
  }

  TensorProto constant_of(const NodeProto& node) {
    if (node.attributes.size() != 1) fail(place_of(node) + ": a Constant has one value", "export the model again");
    const AttributeProto& a = node.attributes.front();
    TensorProto tensor;
    if (a.tensor) tensor = *a.tensor;
    else if (a.name == "value_int") tensor = made_tensor(std::vector<int64_t>{a.i}, {}, tensor::kInt64);
    else if (a.name == "value_float") tensor = made_tensor(std::vector<float>{a.f}, {}, tensor::kFloat32);
    else if (a.name == "value_ints") tensor = made_tensor(a.ints, {static_cast<int64_t>(a.ints.size())}, tensor::kInt64);
    else if (a.name == "value_floats") tensor = made_tensor(a.floats, {static_cast<int64_t>(a.floats.size())}, tensor::kFloat32);
    else fail(place_of(node) + ": a Constant of " + weights::in_quotes(a.name) + ", expected numbers", "");
    tensor.name = node.outputs.front();
    return tensor;
  }

  ValueProto parse_value(Record record) const {
    ValueProto value;
    while (record.next()) {
      if (record.tag() == value_info::kName) value.name = record.text();
      else if (record.tag() == value_info::kType) parse_type(record.message(), value);
      else record.skip();
    }
    return value;
  }

  void parse_type(Record holder, ValueProto& value) const {
    while (holder.next()) {
      if (holder.tag() != type::kTensor) {
        holder.skip();
        continue;
      }
      Record tensor_type = holder.message();
      while (tensor_type.next()) {
        if (tensor_type.tag() == type::kElement) value.type = static_cast<int>(tensor_type.integer());
        else if (tensor_type.tag() == type::kShape) value.shape = parse_shape(tensor_type.message());
        else tensor_type.skip();
      }
    }
  }

  graph::Dims parse_shape(Record shape) const {
    graph::Dims dims;
    while (shape.next()) {
      if (shape.tag() != type::kDim) {
        shape.skip();
        continue;
      }
      Record dim = shape.message();
      int64_t size = -1;
      while (dim.next()) {
        if (dim.tag() == type::kDimValue) size = dim.integer();
        else dim.skip();
      }
      dims.push_back(size > 0 ? size : -1);
      if (dims.size() > kMostRank) fail(fmt::format("an input or output of more than {} dimensions", kMostRank), "export the model again");
    }
    return dims;
  }

  /// PyTorch writes equal weights once, and Identity nodes for the others: these become tensors of their own. Not more of them than the file is
  /// long, for a written model holds each; the rest stay nodes.
  void fold_copies() {
    std::size_t room = file_->bytes().size();
    std::erase_if(model_.nodes, [&](const NodeProto& node) {
      if (node.type != "Identity" || !node.domain.empty() || node.inputs.size() != 1 || node.outputs.size() != 1) return false;
      const auto original = model_.initialisers.find(node.inputs.front());
      if (original == model_.initialisers.end() || original->second.bytes.size() > room) return false;
      TensorProto copy = original->second;
      copy.name = node.outputs.front();
      if (!model_.initialisers.emplace(copy.name, copy).second) return false;
      room -= copy.bytes.size();
      return true;
    });
  }

  /// What only shows when all is read: initialisers listed as inputs, and that every value is there before it is read.
  void finish() {
    fold_copies();
    std::erase_if(model_.inputs, [&](const ValueProto& v) { return model_.initialisers.contains(v.name); });
    std::set<std::string_view> given;
    for (const ValueProto& v : model_.inputs) given.insert(v.name);
    for (const NodeProto& node : model_.nodes) {
      for (const std::string_view input : node.inputs)
        if (!input.empty() && !given.contains(input) && !model_.initialisers.contains(input))
          fail(place_of(node) + " reads " + weights::in_quotes(input) + ", which nothing before it gives", "export the model again");
      for (const std::string_view output : node.outputs) {
        if (output.empty()) continue;
        if (!given.insert(output).second) fail("two values are called " + weights::in_quotes(output), "export the model again");
        model_.producers[output] = &node;
      }
    }
    for (const ValueProto& v : model_.outputs)
      if (!given.contains(v.name) && !model_.initialisers.contains(v.name))
        fail("its output " + weights::in_quotes(v.name) + " is given by no node", "export the model again");
    model_.files.push_back(file_);
    for (const auto& [name, file] : place_.mapped) model_.files.push_back(file);
  }

  Place place_;
  std::shared_ptr<const MappedFile> file_;
  ModelProto model_;
  std::size_t listed_ = 0, attributes_ = 0;
};

}  // namespace

ModelProto read_model(const fs::path& path) {
  Parser parser(path, std::make_shared<const MappedFile>(path));
  try {
    return parser.parse();
  } catch (const protozero::exception&) {
    throw parser.no_model();
  }
}

const AttributeProto* NodeProto::find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &AttributeProto::name);
  return found == attributes.end() ? nullptr : &*found;
}

int64_t NodeProto::integer(std::string_view attribute, int64_t otherwise) const {
  const AttributeProto* found = find(attribute);
  return found != nullptr ? found->i : otherwise;
}

float NodeProto::real(std::string_view attribute, float otherwise) const {
  const AttributeProto* found = find(attribute);
  return found != nullptr ? found->f : otherwise;
}

std::string place_of(const NodeProto& node) {
  if (!node.name.empty()) return "node " + weights::shown(node.name);
  return node.outputs.empty() ? "a node" : "node of " + weights::in_quotes(node.outputs.front());
}

}  // namespace graft::onnx
