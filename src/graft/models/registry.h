// The backbones that graft knows: one row each, with a name, a Graph, its preprocessing and the sources of its weights.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/graph/graph.h"

namespace graft::models {

/// A file of pretrained weights.
struct Source {
  std::string tag;     // "IMAGENET1K_V1"
  std::string file;    // name on disk
  std::string url;     // of the file itself
  std::string sha256;  // whole, or the first 8 digits where the publisher gives no more; empty on the Hugging Face hub, whose answer tells it
  std::string licence;
  double top1;  // published ImageNet accuracy in percent; 0 where none is published
  data::Preprocess preprocess;
  std::function<std::string(std::string_view)> rename = {};  // the file's parameter names to ours; empty: they are the same
};

struct Backbone {
  std::string name, family, paper;
  std::function<graph::Graph(int64_t classes, Size size)> build;        // image of (3, height, width)
  std::vector<Source> sources;                                          // the first is the default
  std::function<std::string(std::string_view)> from_transformers = {};  // the names of Hugging Face's library to ours; empty: not there

  const data::Preprocess& preprocess() const { return sources.front().preprocess; }
};

/// torchvision's published file; its name ends in the first digits of its SHA-256.
Source torchvision_source(const char* tag, const std::string& file, double top1, const data::Preprocess& preprocess = {},
                          std::function<std::string(std::string_view)> rename = {});

/// timm's file on the Hugging Face hub, as "MODEL.TAG.safetensors" on disk; the hub itself tells its SHA-256. The licence goes by the tag.
Source timm_source(const std::string& model, const char* tag, double top1, const data::Preprocess& preprocess,
                   std::function<std::string(std::string_view)> rename = {});

/// A row, one of its sources of weights, and perhaps where the network ends.
struct Network {
  const Backbone* backbone;
  const Source* source;
  std::string last_stage = {};  // the network up to and with this stage, without its top; empty: all of it

  std::string name() const;  // as find_network takes it
};

/// Names under which files have the network, other than its own.
struct OtherNames {
  std::string network;  // as find_network takes it
  std::string of;       // the published file whose names they are, or "transformers"
  std::function<std::string(std::string_view)> rename;
};
std::vector<OtherNames> other_names(const Backbone& backbone);

inline constexpr int64_t kImageNetClasses = 1000;
inline constexpr const char* kDefaultBackbone = "efficientnet_lite0";

/// Every row, in the order of the families.
std::span<const Backbone> all();

/// The row of that name; Error (usage) with a near miss.
const Backbone& find(std::string_view name);

/// "resnet50", "resnet50.IMAGENET1K_V2" (another source than its first) or "vgg16:block5" (without what follows that stage), or both,
/// "resnet50.IMAGENET1K_V2:layer3". Error (usage) with a near miss for an unknown name or tag; the stage is checked when the network is built.
Network find_network(std::string_view name);

// A family file defines one of these.
std::vector<Backbone> alexnet();
std::vector<Backbone> convnext();
std::vector<Backbone> deit();
std::vector<Backbone> densenet();
std::vector<Backbone> dinov2();
std::vector<Backbone> efficientnet();
std::vector<Backbone> efficientnet_lite();
std::vector<Backbone> googlenet();
std::vector<Backbone> inception();
std::vector<Backbone> mobilenet_v2();
std::vector<Backbone> mobilenet_v3();
std::vector<Backbone> regnet();
std::vector<Backbone> resnet();
std::vector<Backbone> shufflenet_v2();
std::vector<Backbone> squeezenet();
std::vector<Backbone> vgg();
std::vector<Backbone> vit();

}  // namespace graft::models
