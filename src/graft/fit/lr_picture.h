// The curve of `--find-lr` as a picture: an SVG file that stands alone, light or dark as its reader has it.
#pragma once

#include <string>

#include "graft/train/lr_finder.h"

namespace graft::fit {

/// Every sweep's losses as dots, the smoothed mean as a line over the logarithm of the rate, the suggestion and where the loss grows without end as
/// marked rates. `title`: what was trained on what. Losses far above the beginning are cut off.
std::string lr_picture(const train::LrCurve& curve, const std::string& title);

/// What a curve says: the rate to begin with, or why there is none.
std::string sentence_of(const train::LrCurve& curve);

}  // namespace graft::fit
