// Where pretrained weights are on this machine. Nothing is downloaded here.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/models/registry.h"
#include "graft/weights/load.h"

namespace graft::weights {

/// Every backbone of the registry with its own names and those of each of its sources, for ImageNet's 1000 classes, at its own size (some take no
/// other).
std::vector<Candidate> known_networks();

/// $GRAFT_HOME/weights, then the folder of scripts/setup, then cache_folder()/weights.
std::vector<std::filesystem::path> weight_folders();

/// The source's file in the first of weight_folders() that has it, or an empty path.
std::filesystem::path find_file(const models::Source& source);

/// The file of the network's source. If it is nowhere: Error (data) that names the folders, the address and --weights.
std::filesystem::path locate(const models::Network& network);

/// Builds the network for pictures of `size` with ImageNet's 1000 classes and loads `file` into it; an empty `file` is locate()d and its SHA-256
/// checked; of several sets of weights it takes the one under `key`. A network that ends at a stage gets a head without values in place of what follows (graph::until).
struct Pretrained {
  graph::Graph graph;
  std::filesystem::path file;
  std::string sha256;
  std::vector<std::string> notes = {};  // which of the file's weights were used, one sentence each
};
Pretrained load_pretrained(const models::Network& network, Size size, const std::filesystem::path& file = {}, std::string_view key = {});

}  // namespace graft::weights
