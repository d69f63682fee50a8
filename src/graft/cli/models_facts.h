// What `graft models` tells about a network, in all its forms.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/models/registry.h"

namespace graft::cli {

/// The Graph for pictures of the size its weights want: of ImageNet's 1000 classes, or with a new head of `classes`.
graph::Graph build(const models::Network& network, std::optional<int64_t> classes = {});

struct StageFacts {
  std::string name;
  int64_t parameters = 0;
  graph::Dims output;
};
/// `with_values`: of the parameters only those that have values.
std::vector<StageFacts> stages_of(const graph::Graph& graph, bool with_values = false);

struct Facts {
  models::Network network;
  int64_t parameters, multiply_adds, features;
  int64_t bytes;  // of the weights in float32, with the running statistics
  std::vector<StageFacts> stages;

  double gmacs() const { return static_cast<double>(multiply_adds) / 1e9; }
  double megabytes() const { return static_cast<double>(bytes) / 1e6; }
};

/// Builds the Graph once.
Facts facts_of(const models::Network& network);
nlohmann::ordered_json to_json(const Facts& facts);

/// The weights it may take: all of its row, or the one that its name says.
std::vector<const models::Source*> sources_of(const models::Network& network);
/// "here", "not here", or the tag of what lies here where that is not the default: "IMAGENET1K_V2 here".
std::string weights_here(const models::Network& network);
/// "76.1", "-" where none is published.
std::string top1_text(double top1);

}  // namespace graft::cli
