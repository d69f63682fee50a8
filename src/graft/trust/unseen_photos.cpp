#include "graft/trust/unseen_photos.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::trust {

void check_unseen_photos(const std::string& name, std::span<const data::Sample> photos, const std::vector<std::string>& classes,
                         std::size_t trained_on) {
  const std::vector<std::size_t> counts = data::images_per_class(photos, classes.size());
  std::vector<std::string> missing;
  for (std::size_t k = 0; k < counts.size(); ++k)
    if (counts[k] == 0) missing.push_back(classes[k]);
  if (!missing.empty())
    throw data_error(name, fmt::format("has no photo of {}, expected some of each class", first_few(missing)), "add photos of every class");
  if (trained_on > 0)
    throw data_error(name, fmt::format("{} of its {} photos were trained on, expected photos that the model has not seen", trained_on, photos.size()),
                     "the model is more confident about them than about new ones: give others");
}

}  // namespace graft::trust
