// What is wrong with how photos are dealt to classes and parts.
#pragma once

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// Training photos that a class should have at least.
inline constexpr std::size_t kFewPhotos = 10;
/// Photos of the largest class by those of the smallest, from which it is said.
inline constexpr double kImbalance = 5;

/// Adds to the report: classes of few training photos, or of none in a part; classes of very different sizes; groups that are divided between parts.
void find_uneven_classes(Report& report);

}  // namespace graft::doctor
