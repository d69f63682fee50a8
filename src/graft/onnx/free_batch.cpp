#include "graft/onnx/free_batch.h"

#include <algorithm>
#include <cmath>

#include "graft/onnx/fields.h"
#include "graft/onnx/parse.h"
#include "graft/onnx/rewrite.h"

namespace graft::onnx {
namespace {

constexpr int64_t kOldestExpand = 8;             // the opset
constexpr std::size_t kMostShape = 16;           // numbers in the target of a Reshape
constexpr std::size_t kMostJoined = 256;         // constants that are repeated
constexpr int kLongestChain = 4;                 // of nodes between a constant and what takes it
constexpr std::size_t kMostConcat = 64;          // that a Concat joins
constexpr std::size_t kLargestConcat = 1 << 16;  // record of such a Concat, which is written again for each

/// Every value that the picture has a part in.
std::set<std::string_view> computed(const ModelProto& model) {
  std::set<std::string_view> values;
  for (const ValueProto& input : model.inputs) values.insert(input.name);
  for (const NodeProto& node : model.nodes)
    if (std::ranges::any_of(reads_of(model, node), [&](std::string_view name) { return values.contains(name); }))
      values.insert(node.outputs.begin(), node.outputs.end());
  values.erase("");
  return values;
}

TensorProto named(TensorProto tensor, std::string_view name) {
  tensor.name = name;
  return tensor;
}

/// As integers, or as floats that a Cast makes integers, which is how PyTorch wrote them.
std::optional<std::vector<int64_t>> wholes(const TensorProto& tensor) {
  constexpr float kMost = 1 << 24;  // above, floats are not every whole number
  if (graph::element_count(tensor.dims) > static_cast<int64_t>(kMostShape)) return std::nullopt;
  if (auto integers = to_integers(tensor)) return integers;
  const auto floats = to_floats(tensor);
  const auto whole = [](float v) { return std::abs(v) <= kMost && v == std::trunc(v); };
  if (!floats || !std::ranges::all_of(floats->values, whole)) return std::nullopt;
  return std::vector<int64_t>(floats->values.begin(), floats->values.end());
}

class Freeing {
 public:
  explicit Freeing(ModelProto& model) : model_(model), computed_(computed(model)) {}

  bool run() {
    const auto own = model_.opsets.find("");
    const bool can_expand = own != model_.opsets.end() && own->second >= kOldestExpand;
    std::vector<NodeProto> old = std::move(model_.nodes);
    model_.nodes.clear();
    for (NodeProto& node : old) {
      if (node.domain.empty() && node.type == "Reshape") reshape(node);
      if (node.domain.empty() && node.type == "Concat" && can_expand) concat(node);
      if (!node.outputs.empty()) place_[node.outputs[0]] = model_.nodes.size();
      model_.nodes.push_back(std::move(node));
    }
    find_producers(model_);
    return made_ > 0;
  }

 private:
  std::string_view new_name() { return keep(model_, "graft/batch" + std::to_string(made_++)); }

  /// The numbers of a shape, which older exporters put together of constants by Cast, Unsqueeze and Concat.
  std::optional<std::vector<int64_t>> numbers(std::string_view name, int depth = 0) const {
    if (const auto found = model_.initialisers.find(name); found != model_.initialisers.end()) return wholes(found->second);
    const auto at = place_.find(name);
    const NodeProto* node = at == place_.end() || depth == kLongestChain ? nullptr : &model_.nodes[at->second];
    if (node == nullptr || node->inputs.empty() || !node->domain.empty() || node->inputs.size() > kMostShape) return std::nullopt;
    const bool joins = node->type == "Concat" && node->integer("axis", 1) == 0;
    const bool passes = node->type == "Cast" || node->type == "Unsqueeze" || node->type == "Squeeze" || node->type == "Identity";
    if (!joins && !passes) return std::nullopt;
    std::vector<int64_t> all;
    for (std::size_t i = 0; i < (joins ? node->inputs.size() : 1); ++i) {
      const auto part = numbers(node->inputs[i], depth + 1);
      if (!part || all.size() + part->size() > kMostShape) return std::nullopt;
      all.insert(all.end(), part->begin(), part->end());
    }
    return all;
  }

  void reshape(NodeProto& node) {
    if (node.inputs.size() != 2 || !computed_.contains(node.inputs[0]) || node.integer("allowzero", 0) != 0) return;
    auto target = numbers(node.inputs[1]);
    if (!target || target->empty() || target->front() < 1) return;
    const bool open = std::ranges::find(*target, -1) != target->end();
    if (open && target->front() != 1) return;
    target->front() = open ? 0 : -1;
    const std::string_view name = new_name();
    const auto rank = static_cast<int64_t>(target->size());
    model_.initialisers[name] = named(made_tensor(*target, {rank}, tensor::kInt64), name);
    node = with_input(model_, node, 1, name);
  }

  /// Of a constant, perhaps one that nodes before repeat or convert; 0: not known.
  std::size_t rank_of(std::string_view name) const {
    for (int i = 0; i < kLongestChain; ++i) {
      if (const auto found = model_.initialisers.find(name); found != model_.initialisers.end())
        return found->second.dims.empty() || found->second.dims[0] != 1 ? 0 : found->second.dims.size();
      const auto at = place_.find(name);
      const NodeProto* node = at == place_.end() ? nullptr : &model_.nodes[at->second];
      if (node == nullptr || node->inputs.empty() || (node->type != "Expand" && node->type != "Identity" && node->type != "Cast")) return 0;
      name = node->inputs[0];
    }
    return 0;
  }

  /// Shape of a neighbour -> its batch -> [batch, 1, 1] -> Expand, which leaves the constant's other dimensions as they are.
  void concat(NodeProto& node) {
    const auto beside = std::ranges::find_if(node.inputs, [&](std::string_view name) { return computed_.contains(name); });
    if (node.integer("axis", 0) == 0 || beside == node.inputs.end() || node.inputs.size() > kMostConcat || node.record.size() > kLargestConcat)
      return;
    const std::string_view neighbour = *beside;
    for (std::size_t i = 0; i < node.inputs.size() && joined_ < kMostJoined; ++i) {
      const std::string_view token = node.inputs[i];
      const std::size_t rank = computed_.contains(token) ? 0 : rank_of(token);
      if (rank < 2) continue;
      ++joined_;
      const std::string_view zero = new_name(), ones = new_name(), shape = new_name(), batch = new_name(), whole = new_name(), repeated = new_name();
      const auto others = static_cast<int64_t>(rank - 1);
      model_.initialisers[zero] = named(made_tensor(std::vector<int64_t>{0}, {1}, tensor::kInt64), zero);
      model_.initialisers[ones] = named(made_tensor(std::vector<int64_t>(rank - 1, 1), {others}, tensor::kInt64), ones);
      for (const NewNode& made : {NewNode{"Shape", {neighbour}, shape}, NewNode{"Gather", {shape, zero}, batch, 0},
                                  NewNode{"Concat", {batch, ones}, whole, 0}, NewNode{"Expand", {token, whole}, repeated}})
        model_.nodes.push_back(written(model_, made));
      node = with_input(model_, node, i, repeated);
    }
  }

  ModelProto& model_;
  std::set<std::string_view> computed_;
  std::map<std::string_view, std::size_t> place_;  // of the node that gives a value
  std::size_t made_ = 0, joined_ = 0;
};

}  // namespace

bool free_batch(ModelProto& model) { return Freeing(model).run(); }

}  // namespace graft::onnx
