#include "graft/weights/torch/pickled_module.h"

namespace graft::weights {
namespace {

constexpr int kDeepestModule = 64;
constexpr std::size_t kMostVisits = 1 << 17;

class Walk {
 public:
  explicit Walk(std::size_t most_characters) : characters_(most_characters) {}

  void visit(const Value& value, const std::string& path, int depth) {
    const Instance* module = as<Instance>(value);
    const Dict* state = module != nullptr ? as<Dict>(module->state) : nullptr;
    if (state == nullptr || depth > kDeepestModule) return;
    bool is_module = false;  // torch.nn.Module keeps them in three dicts, TorchScript as attributes
    for (const auto& [key, part] : state->items) {
      const std::string_view* name = as<std::string_view>(key);
      const Dict* parts = as<Dict>(part);
      if (name == nullptr || parts == nullptr || (*name != "_parameters" && *name != "_buffers" && *name != "_modules")) continue;
      is_module = true;
      take(*parts, path, depth);
    }
    if (!is_module) take(*state, path, depth);
  }

  NamedTensors found;

 private:
  void take(const Dict& parts, const std::string& path, int depth) {
    for (const auto& [key, part] : parts.items) {
      const std::string_view* name = as<std::string_view>(key);
      if (name == nullptr || ++visits_ > kMostVisits) continue;
      const StoredTensor* tensor = as<StoredTensor>(part);
      if (tensor == nullptr && as<Instance>(part) == nullptr) continue;
      std::string full = path + std::string(*name);
      if (full.size() > characters_) return;
      characters_ -= full.size();
      if (tensor != nullptr) found.emplace_back(std::move(full), tensor);
      else visit(part, full + ".", depth + 1);
    }
  }

  std::size_t characters_, visits_ = 0;
};

}  // namespace

NamedTensors tensors_of_module(const Value& module, std::size_t most_characters) {
  Walk walk(most_characters);
  walk.visit(module, "", 0);
  return std::move(walk.found);
}

}  // namespace graft::weights
