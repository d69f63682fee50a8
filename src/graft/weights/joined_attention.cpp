#include "graft/weights/joined_attention.h"

#include <algorithm>
#include <array>
#include <optional>

namespace graft::weights {
namespace {

using Three = std::array<std::string, 3>;

struct Joined {
  std::shared_ptr<const void> file;
  std::deque<std::vector<std::byte>> tensors;
};

/// The names of query, key and value for that of a query; nothing for another name.
std::optional<std::pair<Three, std::string>> three_of(const std::string& name) {
  static constexpr std::array<std::array<std::string_view, 3>, 2> kLayers{{{"query", "key", "value"}, {"q_proj", "k_proj", "v_proj"}}};
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  for (const auto& layers : kLayers) {
    const std::size_t end = dot - std::min(dot, layers[0].size());
    if (end == 0 || name[end - 1] != '.' || name.compare(end, dot - end, layers[0]) != 0) continue;
    const std::string stem = name.substr(0, end), parameter = name.substr(dot);
    Three names;
    std::ranges::transform(layers, names.begin(), [&](std::string_view layer) { return stem + std::string(layer) + parameter; });
    return std::pair(names, stem + "qkv" + parameter);
  }
  return std::nullopt;
}

bool alike(const HostTensor& a, const HostTensor& b) {
  return a.dtype == b.dtype && a.shape == b.shape && is_contiguous(b) && a.bytes.size() == b.bytes.size();
}

}  // namespace

StateDict joined_attention(const StateDict& dict) {
  StateDict result = dict;
  const auto owner = std::make_shared<Joined>(Joined{dict.owner, {}});
  for (const auto& [name, query] : dict.tensors) {
    const auto three = three_of(name);
    if (!three || query.shape.empty() || query.shape.size() > 2 || dict.tensors.contains(three->second)) continue;
    const auto key = dict.tensors.find(three->first[1]), value = dict.tensors.find(three->first[2]);
    if (key == dict.tensors.end() || value == dict.tensors.end() || !is_contiguous(query) || !alike(query, key->second) ||
        !alike(query, value->second))
      continue;
    std::vector<std::byte>& bytes = owner->tensors.emplace_back();
    for (const HostTensor* part : {&query, &key->second, &value->second}) bytes.insert(bytes.end(), part->bytes.begin(), part->bytes.end());
    graph::Dims shape = query.shape;
    shape[0] *= 3;
    result.tensors.insert_or_assign(three->second, HostTensor{query.dtype, shape, row_major_strides(shape), bytes});
    for (const std::string& old : three->first) result.tensors.erase(old);
  }
  result.owner = owner;
  return result;
}

}  // namespace graft::weights
