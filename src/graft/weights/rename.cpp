#include "graft/weights/rename.h"

#include <fmt/format.h>

#include <utility>

#include "graft/base/error.h"
#include "graft/weights/joined_attention.h"
#include "graft/weights/load.h"
#include "graft/weights/locate.h"
#include "graft/weights/naming.h"

namespace graft::weights {
namespace {

struct Fitting {
  const Candidate* names;
  std::string prefix;
};

/// The first candidate under whose names the file fits, perhaps behind a prefix; a null pointer when none does.
Fitting fitting(const StateDict& dict, const graph::Graph& graph, const std::vector<Candidate>& candidates) {
  for (const Candidate& candidate : candidates)
    for (const std::string& prefix : prefixes_of(dict, graph, candidate.rename)) {
      const LoadReport report = compare(without_prefix(dict, prefix), graph, {.rename = candidate.rename, .allow_other_head = true});
      if (report.missing.empty() && report.unexpected.empty()) return {&candidate, prefix};
    }
  return {nullptr, {}};
}

std::vector<Candidate> names_for(const models::Network& network) {
  std::vector<Candidate> candidates;
  if (network.source != &network.backbone->sources.front()) return {{network.name(), {}, network.source->rename, network.source->file}};
  candidates.push_back({network.backbone->name, {}});
  for (const models::OtherNames& names : models::other_names(*network.backbone))
    candidates.push_back({network.backbone->name, {}, names.rename, names.of});
  return candidates;
}

/// Old owner and copies of what had to be put in order.
struct Owner {
  std::shared_ptr<const void> file;
  RowMajor row_major;
};

}  // namespace

RenameReport rename_tensors(StateDict& dict, const models::Network& network) {
  dict = joined_attention(dict);
  const models::Backbone& backbone = *network.backbone;
  graph::Graph graph = backbone.build(models::kImageNetClasses, backbone.preprocess().crop);
  const std::vector<Candidate> candidates = names_for(network);
  const auto [names, prefix] = fitting(dict, graph, candidates);
  if (names == nullptr)
    load(dict, graph,
         {.rename = network.source->rename, .allow_other_head = true, .model = network.name(), .candidates = known_networks()});  // throws

  RenameReport report{names->names_of, {}, prefix};
  const auto owner = std::make_shared<Owner>(Owner{dict.owner, {}});
  std::map<std::string, HostTensor, std::less<>> renamed;
  for (auto& [name, tensor] : dict.tensors) {
    const std::string bare = name.starts_with(prefix) ? name.substr(prefix.size()) : "";
    const std::string ours = names->rename && !bare.empty() ? names->rename(bare) : bare;
    const graph::Parameter* parameter = graph.find(ours);
    if (ours.empty() || (parameter == nullptr && !ours.ends_with("num_batches_tracked"))) {
      report.left_out.push_back(name);
      continue;
    }
    if (parameter != nullptr && parameter->shape.size() != tensor.shape.size() &&
        graph::element_count(parameter->shape) == graph::element_count(tensor.shape))
      tensor = {tensor.dtype, parameter->shape, row_major_strides(parameter->shape), owner->row_major.bytes_of(tensor)};
    if (!renamed.emplace(ours, std::move(tensor)).second)
      throw data_error(dict.source, fmt::format("two tensors are {} once renamed", in_quotes(ours)));
  }
  dict.tensors = std::move(renamed);
  dict.owner = owner;
  return report;
}

std::vector<std::string> take_off_prefix(StateDict& dict) {
  const std::vector<Candidate> networks = known_networks();
  const std::optional<Likeness> likely = looks_like(dict, networks);
  if (!likely || likely->prefix.empty()) return {};
  const Naming naming = naming_of(joined_attention(dict), likely->candidate->build(), models::find_network(likely->candidate->name));
  std::vector<std::string> notes = notes_on(dict, naming);
  dict = without_prefix(dict, naming.prefix);
  return notes;
}

}  // namespace graft::weights
