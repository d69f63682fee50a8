// Photos that show the same picture: what is said of them, and which of them may go.
#pragma once

#include <optional>
#include <vector>

#include "graft/doctor/examine.h"

namespace graft::doctor {

enum class Sameness {
  exact,  // the same pixels
  near,   // judged to be copies of each other
  alike,  // they may be, in a set where many photos look alike
};

/// What to say of photos of one picture, two at least: of two labels (a conflict, from which nothing may go), in several parts (a leak), or else copies;
/// a conflict that leaks is both. Of photos that are merely alike it is one thing whatever their labels and parts, and none of them may go. Of copies one stays: in the part that measures, that is test before val before train, and there the largest, then the
/// one of the best JPEG quality, then of the shortest name. `score`: the least similarity among them.
std::vector<Finding> findings_of(const Report& report, std::vector<std::size_t> rows, Sameness sameness, std::optional<double> score = std::nullopt);

/// Photos whose pixels are the same, ascending; each set has two at least, and the sets are ordered by their first photo.
std::vector<std::vector<std::size_t>> same_pixels(const std::vector<PhotoFacts>& photos);

/// Adds the findings of exact copies to the report.
void find_exact_copies(Report& report);

}  // namespace graft::doctor
