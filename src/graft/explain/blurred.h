// Pictures without their details.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graft/data/preprocess.h"

namespace graft::explain {

/// A row as Preprocess makes it, blurred: a Gaussian of `sigma` pixels on a window of `kernel` by `kernel`, odd.
std::vector<uint8_t> blurred(const data::Preprocess& preprocess, std::span<const uint8_t> row, int kernel, double sigma);

}  // namespace graft::explain
