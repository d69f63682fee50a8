#include "graft/data/task_labels.h"

#include <fmt/format.h>

namespace graft::data {

std::string joined_names(std::span<const std::string> names) { return fmt::format("{}", fmt::join(names, std::string(1, kBetweenClasses))); }

std::string joined_names(std::span<const int> labels, std::span<const std::string> classes) {
  std::vector<std::string> names;
  for (const int label : labels) names.push_back(classes[static_cast<std::size_t>(label)]);
  return joined_names(names);
}

void take_labels(const Task& task, Source& source) {
  std::visit([&](const auto& t) { take_apart(t, source); }, task);
}

std::span<const std::string> names_on(const Source& source, const Found& found) {
  return std::visit([&](const auto& t) { return names_on(t, found); }, source.task);
}

}  // namespace graft::data
