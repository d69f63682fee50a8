#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/cut.h"
#include "graft/data/stratify.h"
#include "graft/data/task_labels.h"

namespace graft::data {
namespace {

/// "multi-label: 1.4 of 5 classes a photo in the mean, at most 3".
std::string describe(std::span<const Sample> samples, std::size_t classes) {
  std::size_t all = 0, most = 0;
  for (const Sample& sample : samples) {
    all += sample.labels.size();
    most = std::max(most, sample.labels.size());
  }
  return fmt::format("multi-label: {:.1f} of {} classes per photo on average, at most {}",
                     static_cast<double>(all) / static_cast<double>(std::max<std::size_t>(samples.size(), 1)), classes, most);
}

}  // namespace

Task task_of(MultiLabel meant, const Source& /*source*/) { return meant; }

void take_apart(MultiLabel /*task*/, Source& source) {
  for (Found& found : source.found) {
    if (found.label.empty()) continue;
    if (found.line == 0) {  // a class folder is one class, whatever its name
      found.labels = {found.label};
      continue;
    }
    for (const std::string& part : split(found.label, kBetweenClasses)) {
      const std::string name(trim(part));
      if (name.empty())
        throw data_error(source.where(found), fmt::format("a class without a name in '{}'", found.label), "put one ';' between two classes");
      if (std::ranges::find(found.labels, name) != found.labels.end())
        throw data_error(source.where(found), fmt::format("class '{}' twice in '{}'", name, found.label), "name it once");
      found.labels.push_back(name);
    }
    std::ranges::sort(found.labels);
    found.label = joined_names(found.labels);
  }
}

std::span<const std::string> names_on(MultiLabel /*task*/, const Found& found) { return found.labels; }

void set_labels(MultiLabel /*task*/, std::span<const int> numbers, Sample& sample) {
  sample.labels.assign(numbers.begin(), numbers.end());
  std::ranges::sort(sample.labels);
}

std::vector<float> targets_for(MultiLabel /*task*/, std::span<const Sample> samples, std::size_t classes) {
  std::vector<float> targets(samples.size() * classes);
  for (std::size_t i = 0; i < samples.size(); ++i)
    for (const int label : samples[i].labels) targets[i * classes + static_cast<std::size_t>(label)] = 1;
  return targets;
}

std::vector<int> deal(MultiLabel /*task*/, std::span<const std::string> names, std::span<const Sample> samples, int /*classes*/,
                      const SplitOptions& options) {
  return stratify(names, classes_of(samples), shares_of(options), options.seed);
}

void check_parts(MultiLabel /*task*/, const Source& source, Splits& splits) {
  const std::vector<std::size_t> images = images_per_class(splits.train, splits.classes.size());
  for (std::size_t k = 0; k < images.size(); ++k) {
    if (images[k] > 0 && images[k] < splits.train.size()) continue;
    const bool none = images[k] == 0;
    throw data_error(source.name, fmt::format("class '{}' is on {} training photo", splits.classes[k], none ? "no" : "every"),
                     none ? "add photos or give --val" : "add photos without it, or leave the class out");
  }
  splits.notes.push_back(describe(splits.train, splits.classes.size()));
}

}  // namespace graft::data
