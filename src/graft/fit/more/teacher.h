// Distillation: the answers of an earlier run's model for the training photos (Hinton et al. 2015).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "graft/data/dataset.h"

namespace graft::fit {

/// Error (data) unless the model of `run` has these classes in this order; it names the first difference. Errors as artifact::load_card.
void check_teacher(const std::filesystem::path& run, const std::vector<std::string>& classes);

/// Its logits, (photos, classes), for each unaugmented photo with its own preprocessing, whatever
/// view the student is trained on. Computed once into `file`, or read from there. `advance` is
/// called with the number of photos just done. Error (data) for a photo that cannot be read.
std::vector<float> teacher_logits(const std::filesystem::path& run, const std::vector<data::Sample>& photos, std::size_t classes,
                                  const std::filesystem::path& file, int threads, const std::function<void(std::size_t)>& advance);

}  // namespace graft::fit
