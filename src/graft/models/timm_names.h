// timm's parameter names, where its twin of one of torchvision's networks has others: the Source::rename of weights on the Hugging Face hub.
// Each gives our name for timm's; a name that timm does not have is returned as it is, so ours are, too. tools/make_timm_goldens.py shows that
// the twins compute the same.
#pragma once

#include <string>
#include <string_view>

namespace graft::models {

std::string efficientnet_from_timm(std::string_view name);
std::string mobilenet_v2_from_timm(std::string_view name);
std::string regnet_from_timm(std::string_view name);
std::string vgg_from_timm(std::string_view name);  // its first two classifier layers are convolutions of the same numbers
std::string vit_from_timm(std::string_view name);

}  // namespace graft::models
