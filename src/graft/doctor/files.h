// What is wrong with single files, told from their facts.
#pragma once

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// Pictures of this standard deviation of their luma (0 to 255) or less show next to nothing.
inline constexpr float kUniformDeviation = 3;
/// Longer side by shorter side, from which a picture is very long.
inline constexpr double kExtremeAspect = 3;
/// Shorter side in pixels below which a picture is tiny among larger ones, and the part of the set's median shorter side below which it is so anyway.
inline constexpr int kTinySide = 32;
inline constexpr double kTinyPart = 0.25;

/// Adds to the report: what cannot be read, mistyped, turned by EXIF, of another kind of colour than most, tiny, very long, almost of one colour.
void find_odd_files(Report& report);

}  // namespace graft::doctor
