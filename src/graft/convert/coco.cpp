#include "graft/convert/coco.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/convert/coco_items.h"

namespace graft::convert {
namespace {

constexpr int kNone = -1, kSeveral = -2;

/// Where each id stands.
std::unordered_map<int64_t, std::size_t> places_of(const std::vector<CocoItems::Named>& items, const std::string& name, const char* list) {
  std::unordered_map<int64_t, std::size_t> places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (trim(items[i].name).empty()) throw data_error(name, fmt::format("{}[{}] has an empty name", list, i));
    if (!places.emplace(items[i].id, i).second) throw data_error(name, fmt::format("{}[{}]: id {} appears twice", list, i, items[i].id));
  }
  return places;
}

std::vector<std::string> names_of(const std::vector<CocoItems::Named>& categories, const std::string& name) {
  std::vector<std::string> names, sorted;
  for (const CocoItems::Named& category : categories) names.emplace_back(trim(category.name));
  sorted = names;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    throw data_error(name, fmt::format("two categories are named '{}'", printable(*twice)), "name each once");
  return names;
}

std::vector<int> labels_of(const CocoItems& items, const std::string& name) {
  const auto image_places = places_of(items.images, name, "images"), category_places = places_of(items.categories, name, "categories");
  std::vector<int> labels(items.images.size(), kNone);
  for (std::size_t i = 0; i < items.annotations.size(); ++i) {
    const auto image = image_places.find(items.annotations[i].image), category = category_places.find(items.annotations[i].category);
    if (image == image_places.end()) throw data_error(name, fmt::format("annotations[{}]: no image with the id {}", i, items.annotations[i].image));
    if (category == category_places.end())
      throw data_error(name, fmt::format("annotations[{}]: no category with the id {}", i, items.annotations[i].category));
    int& label = labels[image->second];
    const int found = static_cast<int>(category->second);
    label = label == kNone || label == found ? found : kSeveral;
  }
  return labels;
}

}  // namespace

bool is_json(Bytes bytes) {
  const std::string_view text = trim(as_text(bytes));
  return text.starts_with('{') || text.starts_with("\xEF\xBB\xBF{");
}

CocoLabels read_coco(Bytes json, const std::string& name, bool skip_ambiguous) {
  CocoItems items = read_coco_items(json, name);
  std::ranges::sort(items.categories, {}, &CocoItems::Named::id);
  CocoLabels found{names_of(items.categories, name), {}, 0, 0};
  const std::vector<int> labels = labels_of(items, name);
  const std::string* example = nullptr;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) found.files.push_back({items.images[i].name, labels[i]});
    found.without += labels[i] == kNone;
    if (labels[i] != kSeveral) continue;
    ++found.ambiguous;
    if (example == nullptr) example = &items.images[i].name;
  }
  if (example != nullptr && !skip_ambiguous)
    throw data_error(
        name,
        fmt::format("{} of {} images have annotations of several categories, for instance '{}'", found.ambiguous, labels.size(), printable(*example)),
        "pass --skip-ambiguous to omit them");
  if (found.files.empty()) throw data_error(name, "no image with a category in it");
  return found;
}

}  // namespace graft::convert
