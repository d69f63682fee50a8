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

Source timm_source(const std::string& model, const char* tag, double top1, const data::Preprocess& preprocess,
                   std::function<std::string(std::string_view)> rename) {
  const std::string full = model + "." + tag;
  const std::string_view origin = tag;  // torchvision's weights or those of the RegNet authors; timm's own otherwise
  const char* licence = origin.starts_with("tv") ? "BSD-3-Clause" : origin.starts_with("pycls") ? "MIT" : "Apache-2.0";
  return {tag,        full + ".safetensors", "https://huggingface.co/timm/" + full + "/resolve/main/model.safetensors", "", licence, top1,
          preprocess, std::move(rename)};
}

std::span<const Backbone> all() {
  static const std::vector<Backbone> rows = [] {
    std::vector<Backbone> joined;
    for (auto family : {efficientnet_lite, resnet, efficientnet, mobilenet_v2, mobilenet_v3, shufflenet_v2, regnet, convnext, vit, deit, dinov2,
                        densenet, inception, googlenet, vgg, squeezenet, alexnet})
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

std::vector<OtherNames> other_names(const Backbone& backbone) {
  std::vector<OtherNames> list;
  for (const Source& source : backbone.sources)
    if (source.rename) list.push_back({Network{&backbone, &source}.name(), source.file, source.rename});
  if (backbone.from_transformers) list.push_back({backbone.name, "transformers", backbone.from_transformers});
  return list;
}

std::string Network::name() const {
  std::string text = backbone->name;
  if (source != &backbone->sources.front()) text += "." + source->tag;
  return last_stage.empty() ? text : text + ":" + last_stage;
}

Network find_network(std::string_view name) {
  if (name.find('+') != name.npos)
    throw usage_error("backbone '" + printable(name) + "'", "joins networks, but a single one is expected here",
                      "a join is for `graft fit`, `graft embed` and --sources");
  const std::size_t colon = name.find(':');
  std::string_view row = name.substr(0, colon);
  const std::string stage(colon == std::string_view::npos ? "" : name.substr(colon + 1));
  if (colon != std::string_view::npos && stage.empty())
    throw usage_error("backbone '" + printable(name) + "'", "expected a stage after the colon",
                      "for instance vgg16:block5; `graft models NAME` lists them");
  const std::size_t dot = row.find('.');
  const std::string_view tag = dot == std::string_view::npos ? "" : row.substr(dot + 1);
  const Backbone& backbone = find(row.substr(0, dot));
  if (dot == std::string_view::npos) return {&backbone, &backbone.sources.front(), stage};
  std::vector<std::string> tags;
  for (const Source& source : backbone.sources) {
    if (source.tag == tag) return {&backbone, &source, stage};
    tags.push_back(source.tag);
  }
  const auto near = closest(tag, tags);
  throw usage_error("backbone '" + printable(name) + "'", backbone.name + " has no weights with that tag",
                    near ? "did you mean " + backbone.name + "." + *near + "?" : "it has " + first_few(tags));
}

}  // namespace graft::models
