// What is wrong with the division of the photos into classes and parts.
#pragma once

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// The smallest number of training photos that a class should have.
inline constexpr std::size_t kFewPhotos = 10;
/// Photos of the largest class divided by those of the smallest, from which on it is reported.
inline constexpr double kImbalance = 5;

/// Adds to the report: classes of few training photos, or of none in a part; classes of very different sizes; groups that are divided between parts.
void find_uneven_classes(Report& report);

}  // namespace graft::doctor
