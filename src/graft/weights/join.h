// The weights of networks that are joined.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/weights/locate.h"

namespace graft::weights {

/// The networks of a name (models::find_networks) for pictures as `preprocess` makes them. One as load_pretrained has it; several with their published
/// weights as one (graph::join), at the size and with the normalisation of `preprocess`, from which each network's own is computed. Parameters have the
/// name of their network before theirs; file and sha256 are those of all with a + between, and a note says which network was made for another size.
Pretrained load_networks(const std::vector<models::Network>& networks, const data::Preprocess& preprocess, const std::filesystem::path& file = {},
                         std::string_view key = {});

/// Error (usage) for an option about the weights of one network if there are several.
void refuse_for_join(const std::vector<models::Network>& networks, bool given, const std::string& option);

}  // namespace graft::weights
