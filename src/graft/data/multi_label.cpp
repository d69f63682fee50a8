#include "graft/data/multi_label.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::data {

bool names_several(const Source& source) {
  return std::ranges::any_of(source.found, [](const Found& found) { return found.label.find(kBetweenClasses) != std::string::npos; });
}

void take_labels_apart(Source& source) {
  source.multi_label = true;
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
    found.label = fmt::format("{}", fmt::join(found.labels, std::string(1, kBetweenClasses)));
  }
}

std::string describe(std::span<const Sample> samples, std::size_t classes) {
  std::size_t all = 0, most = 0;
  for (const Sample& sample : samples) {
    all += sample.labels.size();
    most = std::max(most, sample.labels.size());
  }
  return fmt::format("multi-label: {:.1f} of {} classes a photo in the mean, at most {}",
                     static_cast<double>(all) / static_cast<double>(std::max<std::size_t>(samples.size(), 1)), classes, most);
}

void check_both_sides(const Source& source, const Splits& splits) {
  const std::vector<std::size_t> images = images_per_class(splits.train, splits.classes.size());
  for (std::size_t k = 0; k < images.size(); ++k) {
    if (images[k] > 0 && images[k] < splits.train.size()) continue;
    const bool none = images[k] == 0;
    throw data_error(source.name, fmt::format("class '{}' is on {} training image", splits.classes[k], none ? "no" : "every"),
                     none ? "add images or give --val" : "add images without it, or leave the class out");
  }
}

}  // namespace graft::data
