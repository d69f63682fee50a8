// Loads weights into a Graph: step 2 of a parameter's journey. Names and shapes must match; otherwise an Error says what the file is instead.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/weights/file/state_dict.h"

namespace graft::weights {

enum class FileFormat { safetensors, torch_zip, torch_legacy };

/// By the first bytes. Error (data) names other kinds of file.
FileFormat format_of(Bytes file, const std::string& source);
std::string_view name_of(FileFormat format);  // "torch zip"

/// A weights file of any of these formats; `key`: if it has several sets of weights, the one under this key
/// ("state_dict_ema"), or whose names begin with it. If there is a choice, `notes` get a sentence on which set was used.
StateDict read(const std::filesystem::path& path, std::string_view key = {}, std::vector<std::string>* notes = nullptr);

/// The file's name of a tensor -> torchvision's. An empty result leaves the tensor out (an auxiliary head, say).
using Renames = std::function<std::string(std::string_view)>;

struct LoadReport {
  std::vector<std::string> loaded;        // in the Graph's order
  std::vector<std::string> missing;       // parameters that the file lacks, in the Graph's order
  std::vector<std::string> unexpected;    // tensors that the Graph lacks, by name
  std::vector<std::string> head_dropped;  // parameters of the head left empty
  std::vector<std::string> head_in_file;  // tensors of another head of several layers, in its place
};

/// A network that a file may belong to, with one set of names; built only to explain an error or to describe a file.
struct Candidate {
  std::string name;
  std::function<graph::Graph()> build;
  Renames rename = {};
  std::string names_of = {};  // the published file whose names `rename` takes; empty: the network's own
};

/// The candidate that a file fits.
struct Likeness {
  const Candidate* candidate;
  LoadReport report;               // as load would give; head_dropped is empty when everything fits
  int64_t classes = 0;             // of the candidate's head
  std::optional<int64_t> in_file;  // outputs of the file's head if it differs; empty if the file has none
  std::string prefix = {};         // before every name
};

/// The candidate (one of the caller's) that fits, perhaps except for its head: the first of those with
/// the most tensors; nothing if none does. Every graph is built for this: some ms for all networks.
std::optional<Likeness> looks_like(const StateDict& dict, std::span<const Candidate> candidates);

struct LoadOptions {
  Renames rename = {};                     // identity when empty
  bool allow_other_head = false;           // the last stage may have another number of classes in the file, or be missing
  std::string model = "the network";       // for messages
  std::vector<Candidate> candidates = {};  // for the hint "the file looks like ..."
};

/// Gives every parameter of the graph the tensor of its name. Contiguous, aligned float32 is mapped, not copied; everything else is converted into
/// memory of its own. Shapes are equal, but positions of another number of places are resampled (positions.h) and a linear layer (O, I h w) takes the
/// convolution (O, I, h, w) of the same numbers, as timm stores VGG's. Nothing is changed unless all fits: a missing or unexpected tensor or another
/// shape is an Error (data) that names the first and counts the rest, so in the report `missing` and `unexpected` are empty. num_batches_tracked is
/// ignored on both sides. With allow_other_head a layer of the last stage whose first dimension differs is dropped: left empty and reported; so is a
/// head that the file has as several layers ("fc.0", "fc.3" for "fc").
LoadReport load(const StateDict& dict, graph::Graph& graph, const LoadOptions& options = {});

/// The report of load for this graph, without an Error: tensors of a different shape count
/// as both missing and unexpected, a name that two tensors get by `rename` as unexpected.
LoadReport compare(const StateDict& dict, const graph::Graph& graph, const LoadOptions& options = {});

}  // namespace graft::weights
