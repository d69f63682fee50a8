#include "graft/weights/join.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graft/base/error.h"
#include "graft/graph/join.h"
#include "graft/models/join.h"

namespace graft::weights {
namespace {

/// What the network looks at, of pictures that were normalised for another one: (p - mean) / std by its own numbers.
graph::JoinedPart part_of(const models::Network& network, graph::Graph graph, const data::Preprocess& given) {
  const data::Preprocess& own = network.source->preprocess;
  graph::JoinedPart part{.name = network.name(), .graph = std::move(graph)};
  std::ranges::replace(part.name, ':', '.');  // of vgg16:block5, as the names of parameters are divided
  for (std::size_t c = 0; c < 3; ++c) {
    part.scale[c] = given.std[c] / own.std[c];
    part.shift[c] = (given.mean[c] - own.mean[c]) / own.std[c];
  }
  return part;
}

}  // namespace

Pretrained load_networks(const std::vector<models::Network>& networks, const data::Preprocess& preprocess, const std::filesystem::path& file,
                         std::string_view key) {
  if (networks.size() == 1) return load_pretrained(networks.front(), preprocess.crop, file, key);
  const data::Preprocess& first = networks.front().source->preprocess;
  Pretrained joined;
  std::vector<graph::JoinedPart> parts;
  std::string files;
  for (const models::Network& network : networks) {
    Pretrained one = load_pretrained(network, preprocess.crop);
    files += (files.empty() ? "" : "+") + one.file.filename().string();
    joined.sha256 += (joined.sha256.empty() ? "" : "+") + one.sha256;
    std::ranges::move(one.notes, std::back_inserter(joined.notes));
    const data::Preprocess& own = network.source->preprocess;
    if (preprocess.crop == first.crop && own.crop != first.crop)  // of a size that was asked for nobody wonders
      joined.notes.push_back(fmt::format("{} was trained with pictures of {}; here it gets those of {}, like {}", network.name(),
                                         both_sides(own.crop), both_sides(first.crop), networks.front().name()));
    parts.push_back(part_of(network, std::move(one.graph), preprocess));
  }
  joined.graph = graph::join(parts);
  joined.graph.name = models::name_of(networks);
  joined.file = files;
  return joined;
}

void refuse_for_join(const std::vector<models::Network>& networks, bool given, const std::string& option) {
  if (given && networks.size() > 1) throw usage_error(option, models::name_of(networks) + " takes the published weights of each", "omit " + option);
}

}  // namespace graft::weights
