// The network that turns photos into rows: from the registry, or from an ONNX file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/search/embed.h"

namespace graft::search {

struct OpenedNetwork {
  graph::Graph graph;
  data::Preprocess preprocess;
  std::string backbone;        // as IndexInfo has it
  std::filesystem::path file;  // of its weights
  std::string sha256;          // of that file
  std::optional<FileNetwork> from_file = {};
  std::vector<std::string> notes = {};
};

/// Errors (usage): options of a file for a network by name, or the other way round; else as engine::read_onnx and weights::load_pretrained.
void check_network(const NetworkConfig& config);
OpenedNetwork open_network(const NetworkConfig& config);

/// The network that made an index; `file`: its weights or its ONNX file, or empty to use their recorded place.
OpenedNetwork reopen_network(const IndexInfo& info, const std::filesystem::path& file);

}  // namespace graft::search
