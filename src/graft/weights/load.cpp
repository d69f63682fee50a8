#include "graft/weights/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

using Tensors = std::map<std::string, const HostTensor*, std::less<>>;  // by torchvision's name

bool is_counter(std::string_view name) { return name == "num_batches_tracked" || name.ends_with(".num_batches_tracked"); }

Tensors renamed(const StateDict& dict, const Renames& rename) {
  Tensors tensors;
  for (const auto& [name, tensor] : dict.tensors) {
    const std::string ours = rename ? rename(name) : name;
    if (ours.empty() || is_counter(ours)) continue;
    if (!tensors.emplace(ours, &tensor).second) throw data_error(dict.source, fmt::format("two tensors are {} once renamed", in_quotes(ours)));
  }
  return tensors;
}

std::string layer_of(std::string_view parameter) { return std::string(parameter.substr(0, parameter.rfind('.'))); }

/// Layers of the last stage that the file has with another number of outputs, or not at all.
std::set<std::string> other_head(const Tensors& tensors, const graph::Graph& graph) {
  std::set<std::string> layers;
  for (const graph::Parameter& parameter : graph.parameters) {
    if (parameter.stage != static_cast<int>(graph.stages.size()) - 1) continue;
    const auto found = tensors.find(parameter.name);
    if (found == tensors.end()) {
      layers.insert(layer_of(parameter.name));
      continue;
    }
    const graph::Dims &ours = parameter.shape, &theirs = found->second->shape;
    if (!ours.empty() && ours.size() == theirs.size() && ours[0] != theirs[0] && std::equal(ours.begin() + 1, ours.end(), theirs.begin() + 1))
      layers.insert(layer_of(parameter.name));
  }
  return layers;
}

struct Comparison {
  LoadReport report;
  std::vector<const graph::Parameter*> other_shape;
};

Comparison compare_tensors(const Tensors& tensors, const graph::Graph& graph, bool allow_other_head) {
  const std::set<std::string> dropped = allow_other_head ? other_head(tensors, graph) : std::set<std::string>{};
  Comparison result;
  std::set<std::string_view> known;
  for (const graph::Parameter& parameter : graph.parameters) {
    if (is_counter(parameter.name)) continue;
    known.insert(parameter.name);
    const auto found = tensors.find(parameter.name);
    if (dropped.contains(layer_of(parameter.name))) result.report.head_dropped.push_back(parameter.name);
    else if (found == tensors.end()) result.report.missing.push_back(parameter.name);
    else if (found->second->shape != parameter.shape) result.other_shape.push_back(&parameter);
    else result.report.loaded.push_back(parameter.name);
  }
  for (const auto& [name, tensor] : tensors)
    if (!known.contains(name)) result.report.unexpected.push_back(name);
  return result;
}

/// The candidate that fits but for its head, best first by what fits; "" when none does.
std::string looks_like(const StateDict& dict, const std::vector<Candidate>& candidates) {
  std::string best;
  std::size_t most = 0;
  for (const Candidate& candidate : candidates) {
    const graph::Graph graph = candidate.build();
    const Comparison found = compare_tensors(renamed(dict, candidate.rename), graph, true);
    const bool fits = found.report.missing.empty() && found.other_shape.empty() && found.report.unexpected.empty();
    if (fits && found.report.loaded.size() > most) {
      best = candidate.name;
      most = found.report.loaded.size();
    }
  }
  return best;
}

std::vector<std::string> all_shown(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(shown(name));
  return out;
}

[[noreturn]] void refuse(const StateDict& dict, const Tensors& tensors, const Comparison& found, const LoadOptions& options) {
  constexpr std::size_t kNamed = 3;
  const auto& [report, other_shape] = found;
  std::vector<std::string> facts;
  if (!other_shape.empty()) {
    const graph::Parameter& first = *other_shape.front();
    facts.push_back(fmt::format("{} is {}, {} wants {}", first.name, graph::to_string(tensors.find(first.name)->second->shape), options.model,
                                graph::to_string(first.shape)));
    if (other_shape.size() > 1) facts.back() += fmt::format(" (and {} more differ)", other_shape.size() - 1);
  }
  if (!report.missing.empty()) facts.push_back(fmt::format("lacks {} of {}", first_few(report.missing, kNamed), options.model));
  if (!report.unexpected.empty())
    facts.push_back(fmt::format("has {}, which {} does not", first_few(all_shown(report.unexpected), kNamed), options.model));
  const std::string likely = looks_like(dict, options.candidates);
  throw data_error(dict.source, fmt::format("{}", fmt::join(facts, ", ")), likely.empty() ? "" : "the file looks like " + likely);
}

graph::Tensor as_parameter(const HostTensor& tensor, const std::shared_ptr<const void>& owner) {
  const bool in_place =
      tensor.dtype == Dtype::f32 && is_contiguous(tensor) && reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
  if (in_place) return {owner, {reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(float)}};
  const auto values = std::make_shared<const std::vector<float>>(to_floats(tensor));
  return {values, *values};
}

}  // namespace

LoadReport load(const StateDict& dict, graph::Graph& graph, const LoadOptions& options) {
  const Tensors tensors = renamed(dict, options.rename);
  Comparison found = compare_tensors(tensors, graph, options.allow_other_head);
  if (!found.other_shape.empty() || !found.report.missing.empty() || !found.report.unexpected.empty()) refuse(dict, tensors, found, options);

  std::vector<std::pair<graph::Parameter*, graph::Tensor>> filled;
  for (const std::string& name : found.report.loaded) filled.emplace_back(graph.find(name), as_parameter(*tensors.find(name)->second, dict.owner));
  for (auto& [parameter, tensor] : filled) parameter->tensor = std::move(tensor);
  for (const std::string& name : found.report.head_dropped) graph.find(name)->tensor = {};
  return std::move(found.report);
}

LoadReport compare(const StateDict& dict, const graph::Graph& graph, const LoadOptions& options) {
  Comparison found = compare_tensors(renamed(dict, options.rename), graph, options.allow_other_head);
  for (const graph::Parameter* parameter : found.other_shape) {
    found.report.missing.push_back(parameter->name);
    found.report.unexpected.push_back(parameter->name);
  }
  return std::move(found.report);
}

}  // namespace graft::weights
