#include "graft/convert/pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::convert {
namespace {

std::string number(uint64_t value) { return with_commas(static_cast<long long>(value)); }

/// A folder of that name would be hidden, lie elsewhere or be called otherwise when it is read.
void check_folder_name(const std::string& name, const Error& error) {
  constexpr std::size_t kMostBytes = 200;
  const bool plain = !name.empty() && name[0] != '.' && name.find('/') == std::string::npos && name == printable(name) && name == trim(name);
  if (!plain || name.size() > kMostBytes) throw error;
}

std::vector<std::string> numbers(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

std::size_t labels_used(const Collection& collection) {
  std::size_t used = 0;
  for (const Pictures& pictures : collection.pictures)
    for (const uint16_t label : pictures.labels) used = std::max<std::size_t>(used, label + 1U);
  return used;
}

}  // namespace

void check_sides(const std::string& name, uint64_t width, uint64_t height) {
  if (width < 1 || width > kMostSide || height < 1 || height > kMostSide)
    throw data_error(name, fmt::format("pictures of {}x{} pixels, expected sides of 1 to {}", width, height, number(kMostSide)));
}

void check_count(const std::string& name, uint64_t pictures) {
  if (pictures < 1 || pictures > kMostPictures) throw data_error(name, fmt::format("{} pictures, expected 1 to {}", pictures, number(kMostPictures)));
}

void check_label(const std::string& name, int64_t label, std::size_t index, std::size_t classes) {
  if (label < 0 || static_cast<uint64_t>(label) >= classes)
    throw data_error(name, fmt::format("label {} at index {}, expected 0 to {}", label, number(index), number(classes - 1)));
}

std::vector<std::string> names_in(std::string_view text, const std::string& option) {
  std::vector<std::string> names;
  for (const std::string& part : split(text, ',')) {
    const std::string name(trim(part));
    if (name.empty()) throw usage_error(option, "an empty name in '" + printable(text) + "'");
    if (std::ranges::find(names, name) != names.end()) throw usage_error(option, "names '" + printable(name) + "' twice");
    names.push_back(name);
  }
  return names;
}

void name_classes(Collection& collection, const std::string& names) {
  const bool given = !names.empty();
  const std::size_t own = collection.classes.size();
  if (given) collection.classes = names_in(names, "--classes");
  if (given && own > 0 && collection.classes.size() != own)
    throw usage_error("--classes", fmt::format("names {} classes, {} has {}", collection.classes.size(), collection.format, own));
  if (collection.classes.empty()) collection.classes = numbers(labels_used(collection));
  for (const std::string& name : collection.classes) {
    const std::string fact = fmt::format("'{}' cannot be the name of a class and its folder", printable(name)), hint = "give others with --classes";
    check_folder_name(name, given ? usage_error("--classes", fact) : data_error(collection.format, fact, hint));
  }
  std::vector<std::string> sorted = collection.classes;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    throw data_error(collection.format, fmt::format("names the class '{}' twice", *twice), "give others with --classes");
  for (const Pictures& pictures : collection.pictures)
    for (std::size_t i = 0; i < pictures.labels.size(); ++i) check_label(pictures.labels_name, pictures.labels[i], i, collection.classes.size());
}

}  // namespace graft::convert
