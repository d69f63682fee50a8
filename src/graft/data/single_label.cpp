#include <algorithm>

#include "graft/base/error.h"
#include "graft/data/split.h"
#include "graft/data/task_labels.h"

namespace graft::data {

Task task_of(SingleLabel meant, const Source& source) {
  const bool several = std::ranges::any_of(source.found, [](const Found& found) { return found.label.find(kBetweenClasses) != std::string::npos; });
  return several ? Task(MultiLabel{}) : Task(meant);
}

void take_apart(SingleLabel /*task*/, Source& source) {
  for (const Found& found : source.found)
    if (found.label.empty()) throw data_error(source.where(found), "empty label", "fill it in or remove the row");
}

std::span<const std::string> names_on(SingleLabel /*task*/, const Found& found) { return {&found.label, 1}; }

void set_labels(SingleLabel /*task*/, std::span<const int> numbers, Sample& sample) { sample.label = numbers.front(); }

std::vector<float> targets_for(SingleLabel /*task*/, std::span<const Sample> /*samples*/, std::size_t /*classes*/) { return {}; }

std::vector<int> deal(SingleLabel /*task*/, std::span<const std::string> names, std::span<const Sample> samples, int classes,
                      const SplitOptions& options) {
  const std::vector<int> labels = labels_of(samples);
  if (options.folds > 0) return choose_folds(names, labels, classes, options.folds, options.seed);
  std::vector<int> parts;
  for (const bool val : choose_val(names, labels, classes, options.val_fraction, options.seed)) parts.push_back(val ? 0 : 1);
  return parts;
}

void check_parts(SingleLabel /*task*/, const Source& /*source*/, Splits& /*splits*/) {}

}  // namespace graft::data
