// Renames a publisher's tensors to graft's names, for files that other programs will read.
#pragma once

#include <string>
#include <vector>

#include "graft/models/registry.h"
#include "graft/weights/file/state_dict.h"

namespace graft::weights {

struct RenameReport {
  std::string names_of;               // the published file whose names they were; empty: they were the network's own
  std::vector<std::string> left_out;  // tensors that the network does not have (auxiliary heads), by their old names
  std::string prefix = {};            // the prefix that was removed from every name
};

/// Gives the tensors the names of the network's parameters, which are torchvision's where it has the network, and the shapes where a publisher keeps
/// another (timm stores linear layers of VGG as convolutions). With `network.source` other than the backbone's first only its names are tried, else
/// the own ones, then those of every source; another number of classes is allowed. Counters (num_batches_tracked) go with their layer.
/// Error (data) as weights::load gives it when nothing fits.
RenameReport rename_tensors(StateDict& dict, const models::Network& network);

/// Leaves of a checkpoint that has one of graft's networks behind a prefix ("backbone.") what load_pretrained would take, without the prefix; other files
/// as they are. A sentence on it, as notes_on. Error (data) where the network is there twice.
std::vector<std::string> take_off_prefix(StateDict& dict);

}  // namespace graft::weights
