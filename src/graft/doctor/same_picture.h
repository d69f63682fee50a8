// Photos that show the same picture: the finding about them, and which of them can be removed.
#pragma once

#include <optional>
#include <vector>

#include "graft/doctor/examine.h"

namespace graft::doctor {

enum class Sameness {
  exact,  // the same pixels
  near,   // judged to be copies of each other
  alike,  // they may be copies, in a data set where many photos look alike
};

/// The finding for photos of one picture, at least two: under two labels (a conflict; none can be removed), in several parts (a leak), or otherwise copies; a
/// conflict across parts is both. Photos that are merely alike make one finding whatever their labels and parts, and none of them can be removed. One of
/// several copies stays: in the part used for measuring (test before val before train), and there the largest, then the one with the best JPEG quality, then
/// the one with the shortest name. `score`: the lowest similarity among them.
std::vector<Finding> findings_of(const Report& report, std::vector<std::size_t> rows, Sameness sameness, std::optional<double> score = std::nullopt);

/// Photos with the same pixels, ascending; each set has at least two, and the sets are ordered by their first photo.
std::vector<std::vector<std::size_t>> same_pixels(const std::vector<PhotoFacts>& photos);

/// Adds the findings of exact copies to the report.
void find_exact_copies(Report& report);

}  // namespace graft::doctor
