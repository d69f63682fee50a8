// The names by which a file stores a network: wrappers put a prefix before every name ("backbone.", "module.encoder_q."),
// and publishers use names of their own. Both are found by matching the set of names against the network.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/models/registry.h"
#include "graft/weights/load.h"

namespace graft::weights {

/// Prefixes before which the network's first parameter is found, once renamed; the shortest first ("" where it needs none).
std::vector<std::string> prefixes_of(const StateDict& dict, const graph::Graph& graph, const Renames& rename);

/// The tensors whose names begin with the prefix, without it; the others are left out. A view: it shares the owner.
StateDict without_prefix(const StateDict& dict, const std::string& prefix);

/// How a file that fits names the network.
struct Naming {
  std::string prefix;
  Renames rename;
  std::string names_of;  // the published file whose names they are; empty: the network's own
  bool fits = false;     // all parameters, perhaps except the head's, and nothing else are there after the prefix
};

/// Tries the network's own names, then those of each of its sources, each with every prefix that is found. If none
/// fits, the first. Error (data) if two prefixes fit, as with a student and its teacher: --weights-key chooses.
Naming naming_of(const StateDict& dict, const graph::Graph& graph, const models::Network& network);

/// The network with the same names and shapes that computes differently: "tf_efficientnet_b0" for "efficientnet_b0" and vice versa; empty: none.
std::string twin_of(const std::string& row);

/// Error (data) for a file of the network's twin, by its own name or its checkpoint's
/// "arch". If neither says which of the two it is, a sentence about that; otherwise empty.
std::string check_twin(const StateDict& dict, const std::filesystem::path& file, const models::Network& network, const Naming& naming);

/// If the file has the names of a publisher who normalizes pictures differently from `network`: a sentence about that; otherwise empty.
std::string note_on_pictures(const models::Network& network, const Naming& naming);

/// A sentence about a removed prefix and what it left out; nothing for an empty one.
std::vector<std::string> notes_on(const StateDict& dict, const Naming& naming);

}  // namespace graft::weights
