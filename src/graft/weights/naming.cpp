#include "graft/weights/naming.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

std::string ours(const Renames& rename, std::string_view name) { return rename ? rename(name) : std::string(name); }

/// A network that is trained by following another (MoCo's encoder_k) is the other's shadow.
bool is_shadow(std::string_view prefix) {
  return prefix.find("encoder_k.") != prefix.npos || prefix.find("momentum") != prefix.npos || prefix.find("target_") != prefix.npos;
}

/// What lies beside the prefix, by its first part: "encoder_k", "queue".
std::vector<std::string> left_out(const StateDict& dict, const std::string& prefix) {
  std::set<std::string> parts;
  const std::string common = prefix.substr(0, prefix.find('.') + 1);
  for (const auto& [name, tensor] : dict.tensors) {
    if (name.starts_with(prefix)) continue;
    const std::size_t from = name.starts_with(common) ? common.size() : 0;
    parts.insert(shown(name.substr(0, name.find('.', from))));
  }
  return {parts.begin(), parts.end()};
}

}  // namespace

std::vector<std::string> prefixes_of(const StateDict& dict, const graph::Graph& graph, const Renames& rename) {
  std::vector<std::string> found;
  for (const auto& [name, tensor] : dict.tensors)
    for (std::size_t at = 0; at != std::string::npos && at < name.size();) {
      if (ours(rename, std::string_view(name).substr(at)) == graph.parameters.front().name) found.push_back(name.substr(0, at));
      const std::size_t dot = name.find('.', at);
      at = dot == std::string::npos ? dot : dot + 1;
    }
  std::ranges::stable_sort(found, {}, [](const std::string& prefix) { return std::pair(is_shadow(prefix), prefix.size()); });
  return found;
}

StateDict without_prefix(const StateDict& dict, const std::string& prefix) {
  StateDict view{.source = dict.source, .owner = dict.owner, .tensors = {}, .metadata = dict.metadata};
  for (const auto& [name, tensor] : dict.tensors)
    if (name.starts_with(prefix) && name.size() > prefix.size()) view.tensors.emplace(name.substr(prefix.size()), tensor);
  return view;
}

Naming naming_of(const StateDict& dict, const graph::Graph& graph, const models::Network& network) {
  std::vector<Naming> candidates{{}};
  for (const models::OtherNames& names : models::other_names(*network.backbone)) candidates.push_back({.rename = names.rename, .names_of = names.of});
  Naming otherwise{.rename = network.source->rename};
  for (const Naming& names : candidates) {
    std::vector<Naming> fitting;
    for (const std::string& prefix : prefixes_of(dict, graph, names.rename)) {
      const LoadReport report = compare(without_prefix(dict, prefix), graph, {.rename = names.rename, .allow_other_head = true});
      if (!report.missing.empty()) continue;
      Naming naming{prefix, names.rename, names.names_of, report.unexpected.empty()};
      if (!naming.fits && !otherwise.fits) otherwise = naming;
      if (naming.fits) fitting.push_back(std::move(naming));
    }
    // One behind the other are the same tensors: a table of names may take a part of the prefix off itself.
    const bool twice = fitting.size() > 1 && !is_shadow(fitting[1].prefix) && !fitting[1].prefix.starts_with(fitting[0].prefix);
    if (twice)
      throw data_error(dict.source,
                       fmt::format("holds the network twice, under {} and {}", in_quotes(fitting[0].prefix), in_quotes(fitting[1].prefix)),
                       "choose one with --weights-key");
    if (!fitting.empty()) return fitting.front();
  }
  return otherwise;
}

std::string twin_of(const std::string& row) {
  const std::string twin = row.starts_with("tf_") ? row.substr(3) : "tf_" + row;
  const auto rows = models::all();
  return std::ranges::find(rows, twin, &models::Backbone::name) != rows.end() ? twin : "";
}

std::string check_twin(const StateDict& dict, const std::filesystem::path& file, const models::Network& network, const Naming& naming) {
  const std::string &name = network.backbone->name, twin = twin_of(name);
  if (twin.empty()) return {};
  const auto arch = dict.metadata.find("arch");
  const std::string said = arch != dict.metadata.end() ? arch->second : file.filename().string();
  const auto begins_with = [&](const std::string& row) {  // "tf_efficientnet_b0.ns_jft_in1k.safetensors", "tf_efficientnet_b0_ns-c0e6a31c.pth"
    return said.starts_with(row) && (said.size() == row.size() || std::string_view("._-").find(said[row.size()]) != std::string_view::npos);
  };
  if (begins_with(twin))
    throw data_error(dict.source, fmt::format("is of {}, which has the names and shapes of {} but computes differently", twin, name),
                     "take --backbone " + twin);
  if (begins_with(name) || (naming.names_of.empty() && !name.starts_with("tf_"))) return {};  // torchvision's own names: only one has them
  return fmt::format("its names also fit {}, which computes differently (TensorFlow's padding): read as {}", twin, name);
}

std::string note_on_pictures(const models::Network& network, const Naming& naming) {
  if (naming.names_of.empty() || naming.names_of == network.source->file) return {};
  const data::Preprocess& taken = network.source->preprocess;
  for (const models::Source& source : network.backbone->sources) {
    const bool theirs = naming.names_of == source.file || naming.names_of == "transformers";
    if (theirs && (source.preprocess.mean != taken.mean || source.preprocess.std != taken.std))
      return fmt::format("its names are as in {}, and photos are normalized as for {}: if it was trained as {} was, choose that with --backbone",
                         naming.names_of, network.name(), models::Network{network.backbone, &source}.name());
  }
  return {};
}

std::vector<std::string> notes_on(const StateDict& dict, const Naming& naming) {
  if (naming.prefix.empty()) return {};
  const std::vector<std::string> rest = left_out(dict, naming.prefix);
  return {fmt::format("its weights are those whose names begin with {}{}", in_quotes(naming.prefix),
                      rest.empty() ? "" : "; left out: " + first_few(rest))};
}

}  // namespace graft::weights
