// The curve of `--find-lr` as a picture: a self-contained SVG file, light or dark as the reader prefers.
#pragma once

#include <string>

#include "graft/train/lr_finder.h"

namespace graft::fit {

/// Every sweep's losses as dots, the smoothed mean as a line over the logarithm of the rate; the suggested rate and the
/// rate where the loss diverges are marked. `title`: what was trained on what. Losses far above the first are cut off.
std::string lr_picture(const train::LrCurve& curve, const std::string& title);

/// The result of a curve: the rate to start with, or why there is none.
std::string sentence_of(const train::LrCurve& curve);

}  // namespace graft::fit
