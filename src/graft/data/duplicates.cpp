#include "graft/data/duplicates.h"

#include <fmt/format.h>

#include <unordered_map>

#include "graft/base/text.h"
#include "graft/data/task_labels.h"

namespace graft::data {
namespace {

std::string classes_on(const Sample& sample, std::span<const std::string> classes) {
  return labels_on(sample).empty() ? "no class" : joined_names(labels_on(sample), classes);
}

}  // namespace

Duplicates find_duplicates(std::span<const Sample> train, std::span<const Sample> val, std::span<const Hash128> hashes,
                           std::span<const std::string> classes) {
  std::vector<const Sample*> all;
  for (const auto part : {train, val})
    for (const Sample& sample : part) all.push_back(&sample);
  std::unordered_map<Hash128, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (hashes[i] != Hash128()) places[hashes[i]].push_back(i);

  Duplicates found;
  std::string two, both;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto same = places.find(hashes[i]);
    if (same == places.end() || same->second.size() < 2) continue;
    const auto pair_of = [&](const Sample& other) {
      return fmt::format("'{}' and '{}'", printable(all[i]->path.string()), printable(other.path.string()));
    };
    const Sample *other_class = nullptr, *in_train = nullptr;
    for (const std::size_t j : same->second) {
      if (other_class == nullptr && (all[j]->label != all[i]->label || all[j]->labels != all[i]->labels)) other_class = all[j];
      if (in_train == nullptr && i >= train.size() && j < train.size()) in_train = all[j];
    }
    if (other_class != nullptr && ++found.of_two_classes == 1)
      two = fmt::format("{} ({}, {})", pair_of(*other_class), classes_on(*all[i], classes), classes_on(*other_class, classes));
    if (in_train != nullptr && ++found.in_both == 1) both = pair_of(*in_train);
  }
  if (found.of_two_classes > 0)
    found.notes.push_back(
        fmt::format("photos that are there under two classes, the same to the byte: {}, for instance {}", found.of_two_classes, two));
  if (found.in_both > 0)
    found.notes.push_back(
        fmt::format("validation photos that are in training, too, the same to the byte: {} of {}, for instance {}", found.in_both, val.size(), both));
  return found;
}

}  // namespace graft::data
