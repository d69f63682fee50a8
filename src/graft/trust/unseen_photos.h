// Photos that a model has not seen, by which what it says of itself is found: its temperature, its sets of classes, what it calls unknown.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graft/data/dataset.h"

namespace graft::trust {

/// Error (data) named `name` where a class has no photo, or the model was trained on some of them: on `trained_on`.
void check_unseen_photos(const std::string& name, std::span<const data::Sample> photos, const std::vector<std::string>& classes,
                         std::size_t trained_on);

}  // namespace graft::trust
