// Under which names a file has a network: wrappers put a prefix before every name ("backbone.", "module.encoder_q."), and publishers have names of their
// own. Both are found by matching the set of names against the network.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/models/registry.h"
#include "graft/weights/load.h"

namespace graft::weights {

/// Prefixes before which the network's first parameter is found, once renamed; the shortest first ("" where it needs none).
std::vector<std::string> prefixes_of(const StateDict& dict, const graph::Graph& graph, const Renames& rename);

/// The tensors whose names begin so, without the prefix; the others are left out. A view: it shares the owner.
StateDict without_prefix(const StateDict& dict, const std::string& prefix);

/// How a file that fits names the network.
struct Naming {
  std::string prefix;
  Renames rename;
  std::string names_of;  // the published file whose names they are; empty: the network's own
  bool fits = false;     // all parameters but perhaps the head's are there and nothing else is, behind the prefix
};

/// The network's own names, then those of each of its sources, each with every prefix that is found. Where none fits, what comes first.
/// Error (data) where two prefixes fit, as of a student and its teacher: --weights-key tells which.
Naming naming_of(const StateDict& dict, const graph::Graph& graph, const models::Network& network);

/// The network of the same names and shapes that computes otherwise: "tf_efficientnet_b0" for "efficientnet_b0", and the other way round; empty: none.
std::string twin_of(const std::string& row);

/// Error (data) for a file of the network's twin, as its own name or its checkpoint's "arch" says. Where neither says which of the two it is, a sentence
/// on that; else empty.
std::string check_twin(const StateDict& dict, const std::filesystem::path& file, const models::Network& network, const Naming& naming);

/// Where the file's names are those of a publisher whose pictures are normalised otherwise than those of `network`: a sentence on it; else empty.
std::string note_on_pictures(const models::Network& network, const Naming& naming);

/// A sentence on a prefix that was taken off and on what it left out; nothing for an empty one.
std::vector<std::string> notes_on(const StateDict& dict, const Naming& naming);

}  // namespace graft::weights
