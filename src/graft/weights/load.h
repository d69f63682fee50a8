// Weights into a Graph: step 2 of a parameter's journey. Same name, same shape, or an Error that tells what the file is instead.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/weights/state_dict.h"

namespace graft::weights {

/// Any weights file, by its first bytes: safetensors, or torch.save's zip or legacy format. Other kinds of file are named in the Error.
StateDict read(const std::filesystem::path& path);

/// The file's name of a tensor -> torchvision's. An empty result leaves the tensor out (an auxiliary head, say).
using Renames = std::function<std::string(std::string_view)>;

struct LoadReport {
  std::vector<std::string> loaded;        // in the Graph's order
  std::vector<std::string> missing;       // parameters that the file lacks, in the Graph's order
  std::vector<std::string> unexpected;    // tensors that the Graph lacks, by name
  std::vector<std::string> head_dropped;  // parameters of the head left empty
};

/// A network that a file may belong to; built only to explain an error.
struct Candidate {
  std::string name;
  std::function<graph::Graph()> build;
  Renames rename = {};
};

struct LoadOptions {
  Renames rename = {};                     // identity when empty
  bool allow_other_head = false;           // the last stage may have another number of classes in the file, or be missing
  std::string model = "the network";       // for messages
  std::vector<Candidate> candidates = {};  // for the hint "the file looks like ..."
};

/// Gives every parameter of the graph the tensor of its name. Contiguous, aligned float32 is mapped, not copied; everything else is converted into
/// memory of its own. Nothing is changed unless all fits: a missing or unexpected tensor or another shape is an Error (data) that names the first and
/// counts the rest, so in the report `missing` and `unexpected` are empty. num_batches_tracked is ignored on both sides. With allow_other_head a layer
/// of the last stage whose first dimension differs is dropped: left empty and reported.
LoadReport load(const StateDict& dict, graph::Graph& graph, const LoadOptions& options = {});

/// What load would say to this graph, without an Error: shapes that differ count as both missing and unexpected.
LoadReport compare(const StateDict& dict, const graph::Graph& graph, const LoadOptions& options = {});

}  // namespace graft::weights
