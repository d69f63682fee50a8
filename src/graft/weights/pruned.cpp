#include "graft/weights/pruned.h"

#include <deque>
#include <utility>
#include <vector>

namespace graft::weights {
namespace {

struct Products {
  std::shared_ptr<const void> file;
  std::deque<std::vector<float>> tensors;
};

}  // namespace

std::size_t apply_masks(StateDict& dict) {
  constexpr std::string_view kKept = "_orig", kMask = "_mask";
  std::vector<std::string> names;
  for (const auto& [name, tensor] : dict.tensors) {
    if (!name.ends_with(kKept) || name.size() == kKept.size()) continue;
    std::string stem = name.substr(0, name.size() - kKept.size());
    const auto mask = dict.tensors.find(stem + std::string(kMask));
    if (mask != dict.tensors.end() && mask->second.shape == tensor.shape && !dict.tensors.contains(stem)) names.push_back(std::move(stem));
  }
  if (names.empty()) return 0;
  const auto owner = std::make_shared<Products>(Products{dict.owner, {}});
  for (const std::string& name : names) {
    const auto kept = dict.tensors.find(name + std::string(kKept)), mask = dict.tensors.find(name + std::string(kMask));
    std::vector<float>& product = owner->tensors.emplace_back(to_floats(kept->second));
    const std::vector<float> factors = to_floats(mask->second);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] *= factors[i];
    const graph::Dims shape = kept->second.shape;
    dict.tensors.erase(kept);
    dict.tensors.erase(mask);
    dict.tensors.emplace(name, HostTensor{Dtype::f32, shape, row_major_strides(shape), std::as_bytes(std::span(product))});
  }
  dict.owner = owner;
  return names.size();
}

}  // namespace graft::weights
