// What is wrong with single files, told from their facts.
#pragma once

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// Pictures whose luma (0 to 255) has this standard deviation or less show almost nothing.
inline constexpr float kUniformDeviation = 3;
/// Ratio of the longer to the shorter side from which on a picture counts as very long.
inline constexpr double kExtremeAspect = 3;
/// A picture is tiny if its shorter side is below this many pixels and most others are larger, or in any case below this fraction of the median shorter side.
inline constexpr int kTinySide = 32;
inline constexpr double kTinyPart = 0.25;

/// Adds to the report files that cannot be read, are mistyped, are rotated by EXIF, have another kind of color than most, are tiny, very long, or almost of
/// one color.
void find_odd_files(Report& report);

}  // namespace graft::doctor
