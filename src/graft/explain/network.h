// A model as the methods of `explain` need it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "graft/artifact/model.h"
#include "graft/graph/graph.h"

namespace graft::explain {

struct Network {
  std::string name;  // printable, the subject of messages
  std::string onnx;  // as it is deployed, with both views
  artifact::ModelCard card;
  std::optional<graph::Graph> graph;  // of one view, with its weights
  std::string no_graph;               // why there is none: "node /layer/Loop: operator Loop"
  bool mirror = false;                // its answer is the mean over a picture and its mirror image; `graph` sees one of them
};

/// `model`: a run folder or a model.onnx. Errors (data) as artifact::open_model.
Network open_network(const std::filesystem::path& model);

/// Why a method that needs the inside of the network cannot be used: "graft has no operator for node /layer/Loop: operator Loop".
std::string no_graph(const Network& network);

/// The graph for a single view, if `graph` sees a picture and its mirror image: MirrorViews and MeanOfViews are removed. Otherwise unchanged.
graph::Graph one_view(graph::Graph graph);

}  // namespace graft::explain
