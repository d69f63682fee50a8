#include "graft/models/registry.h"

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::models {

Source torchvision_source(const char* tag, const std::string& file, double top1, const data::Preprocess& preprocess,
                          std::function<std::string(std::string_view)> rename) {
  const std::size_t dash = file.rfind('-') + 1;
  return {tag,
          file,
          "https://download.pytorch.org/models/" + file,
          file.substr(dash, file.rfind('.') - dash),
          "BSD-3-Clause",
          top1,
          preprocess,
          std::move(rename)};
}

std::span<const Backbone> all() {
  static const std::vector<Backbone> rows = [] {
    std::vector<Backbone> joined;
    for (auto family :
         {efficientnet_lite, resnet, efficientnet, mobilenet_v2, mobilenet_v3, regnet, densenet, inception, googlenet, vgg, squeezenet, alexnet})
      for (Backbone& row : family()) joined.push_back(std::move(row));
    return joined;
  }();
  return rows;
}

const Backbone& find(std::string_view name) {
  std::vector<std::string> names;
  for (const Backbone& row : all()) {
    if (row.name == name) return row;
    names.push_back(row.name);
  }
  const auto near = closest(name, names);
  throw usage_error("backbone '" + printable(name) + "'", "no such network", near ? "did you mean " + *near + "?" : "see `graft models`");
}

}  // namespace graft::models
