// Parameter names of Hugging Face's transformers, where it has a network of ours: those of the files in its hub and, for vision transformers, those that
// its version 5 has in memory. Each gives our name, "" for what our network does not have (the token of masked patches, a pooler), and returns other
// names as they are, so ours are, too. What it keeps as query, key and value is one layer of ours: weights::joined_attention joins them before, as "qkv".
#pragma once

#include <string>
#include <string_view>

namespace graft::models {

std::string resnet_from_transformers(std::string_view name);
std::string convnext_from_transformers(std::string_view name);
std::string vit_from_transformers(std::string_view name);     // to torchvision's names
std::string deit_from_transformers(std::string_view name);    // to timm's
std::string dinov2_from_transformers(std::string_view name);  // to timm's; its classifier looks at more than the class token and is left out

}  // namespace graft::models
