// The models that a model came from: each began from the network of the one before it (--from), the first from a pretrained network. A model's own provenance holds them all,
// so that a chain can be read where its runs are gone.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace graft::artifact {

/// For the provenance of a model that begins from the run or model.onnx `from`, under "from": {run, transfer, provenance}: its name, what the check of the transfer
/// said (fit/source/negative_transfer.h; null: nothing), and that model's own provenance, with what it came from. Error (data) for one whose own
/// chain is not as graft writes it. Errors as load_provenance.
nlohmann::ordered_json link_to(const std::filesystem::path& from, nlohmann::ordered_json transfer);

/// One model of a chain.
struct Link {
  std::string run;                  // its name where it was begun from; empty for the first, which is the model itself
  nlohmann::ordered_json made;      // its provenance without "from"
  nlohmann::ordered_json transfer;  // of the step from the next of the list to this one; null: not checked
};

/// From the model itself to the first run. `name` is said in errors. Error (data) where a link is not as graft writes it, or there are more than kMostLinks.
std::vector<Link> chain_of(const nlohmann::ordered_json& provenance, const std::string& name);
inline constexpr std::size_t kMostLinks = 100;

/// The pretrained network that a chain began with, as --backbone names it; empty where its provenance does not say.
std::string first_network(const std::vector<Link>& chain);

}  // namespace graft::artifact
