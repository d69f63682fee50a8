#include "graft/weights/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/weights/joined_attention.h"
#include "graft/weights/naming.h"
#include "graft/weights/positions.h"

namespace graft::weights {
namespace {

using Tensors = std::map<std::string, const HostTensor*, std::less<>>;  // by torchvision's name

bool is_counter(std::string_view name) { return name == "num_batches_tracked" || name.ends_with(".num_batches_tracked"); }

struct Renamed {
  Tensors tensors;
  std::string twice;  // a name that two tensors get; empty: none
};

Renamed renamed(const StateDict& dict, const Renames& rename) {
  Renamed result;
  for (const auto& [name, tensor] : dict.tensors) {
    const std::string ours = rename ? rename(name) : name;
    if (ours.empty() || is_counter(ours)) continue;
    if (!result.tensors.emplace(ours, &tensor).second) result.twice = ours;
  }
  return result;
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

/// Weights of the graph's linear layers, by name.
std::set<std::string_view> linear_weights(const graph::Graph& graph) {
  std::set<std::string_view> names;
  for (const graph::Node& node : graph.nodes)
    if (std::holds_alternative<graph::Linear>(node.op)) names.insert(graph.parameters[static_cast<std::size_t>(node.parameters[0])].name);
  return names;
}

/// Whether a convolution's weight (O, I, h, w) is, number for number, that of a linear layer (O, I h w) of the flattened picture.
bool flattens(const graph::Dims& from, const graph::Dims& to) {
  return from.size() == 4 && to.size() == 2 && from[0] == to[0] && graph::element_count(from) == graph::element_count(to);
}

/// Whether the tensor is of layers that stand where the dropped one does: "fc.0.weight" for "fc", "classifier.0.weight" for "classifier.1" where the
/// network has nothing else of that name.
bool stands_for(std::string_view name, const std::set<std::string>& dropped, const std::set<std::string_view>& known) {
  return std::ranges::any_of(dropped, [&](const std::string& layer) {
    if (name.starts_with(layer + ".")) return true;
    const std::string root = layer.substr(0, layer.find('.') + 1);
    if (root.empty() || !name.starts_with(root)) return false;
    return std::ranges::all_of(known, [&](std::string_view ours) { return !ours.starts_with(root) || dropped.contains(layer_of(ours)); });
  });
}

/// Whether it is the scale of a picture's channels (C, 1, 1), written as (C).
bool scales_channels(const graph::Dims& from, const graph::Dims& to) { return from.size() == 1 && to == graph::Dims{from[0], 1, 1}; }

struct Comparison {
  LoadReport report;
  std::vector<const graph::Parameter*> other_shape;
};

Comparison compare_tensors(const Tensors& tensors, const graph::Graph& graph, bool allow_other_head) {
  const std::set<std::string> dropped = allow_other_head ? other_head(tensors, graph) : std::set<std::string>{};
  const std::vector<Positions> positions = positions_of(graph);
  const std::set<std::string_view> linear = linear_weights(graph);
  const auto fits = [&](const graph::Parameter& ours, const HostTensor& theirs) {
    return theirs.shape == ours.shape || scales_channels(theirs.shape, ours.shape) ||
           (linear.contains(ours.name) && flattens(theirs.shape, ours.shape)) ||
           std::ranges::any_of(positions, [&](const Positions& p) { return p.name == ours.name && can_resample_positions(theirs.shape, p); });
  };
  Comparison result;
  std::set<std::string_view> known;
  for (const graph::Parameter& parameter : graph.parameters) {
    if (is_counter(parameter.name)) continue;
    known.insert(parameter.name);
    const auto found = tensors.find(parameter.name);
    if (dropped.contains(layer_of(parameter.name))) result.report.head_dropped.push_back(parameter.name);
    else if (found == tensors.end()) result.report.missing.push_back(parameter.name);
    else if (!fits(parameter, *found->second)) result.other_shape.push_back(&parameter);
    else result.report.loaded.push_back(parameter.name);
  }
  for (const auto& [name, tensor] : tensors)
    if (!known.contains(name)) (stands_for(name, dropped, known) ? result.report.head_in_file : result.report.unexpected).push_back(name);
  return result;
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
    facts.push_back(fmt::format("{} is {}, {} expects {}", first.name, graph::to_string(tensors.find(first.name)->second->shape), options.model,
                                graph::to_string(first.shape)));
    if (other_shape.size() > 1) facts.back() += fmt::format(" (and {} more differ)", other_shape.size() - 1);
  }
  if (!report.missing.empty()) facts.push_back(fmt::format("lacks {} of {}", first_few(report.missing, kNamed), options.model));
  if (!report.unexpected.empty())
    facts.push_back(fmt::format("has {}, which {} does not have", first_few(all_shown(report.unexpected), kNamed), options.model));
  const std::optional<Likeness> likely = looks_like(dict, options.candidates);
  throw data_error(dict.source, fmt::format("{}", fmt::join(facts, ", ")), likely ? "the file looks like " + likely->candidate->name : "");
}

/// `positions`: where the parameter is such.
graph::Tensor as_parameter(const HostTensor& tensor, const Positions* positions, const StateDict& dict) {
  const bool as_many = positions != nullptr && tensor.shape[1] == positions->prefix + positions->height * positions->width;
  if (as_many && may_be_square(*positions))
    throw data_error(dict.source,
                     fmt::format("its {} are for {} positions, which could be a square or {}x{}", shown(positions->name),
                                 positions->height * positions->width, positions->height, positions->width),
                     "choose another --size");
  if (positions != nullptr && !as_many) return graph::Tensor::copy_of(resample_positions(to_floats(tensor), tensor.shape, *positions));
  const bool in_place =
      tensor.dtype == Dtype::f32 && is_contiguous(tensor) && reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
  if (in_place) return {dict.owner, {reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(float)}};
  const auto values = std::make_shared<const std::vector<float>>(to_floats(tensor));
  return {values, *values};
}

/// Outputs of the head that was dropped: its last layer stands last.
std::optional<int64_t> head_outputs(const Tensors& tensors, const std::vector<std::string>& dropped) {
  const auto found = dropped.empty() ? tensors.end() : tensors.find(dropped.back());
  if (found == tensors.end() || found->second->shape.empty()) return std::nullopt;
  return found->second->shape[0];
}

}  // namespace

std::optional<Likeness> looks_like(const StateDict& as_it_is, std::span<const Candidate> candidates) {
  const StateDict dict = joined_attention(as_it_is);
  std::optional<Likeness> best;
  for (const Candidate& candidate : candidates) {
    const graph::Graph graph = candidate.build();
    for (const std::string& prefix : prefixes_of(dict, graph, candidate.rename)) {
      const StateDict view = without_prefix(dict, prefix);
      const auto [tensors, twice] = renamed(view, candidate.rename);
      if (!twice.empty()) continue;
      Comparison found = compare_tensors(tensors, graph, true);
      LoadReport& report = found.report;
      if (!report.missing.empty() || !found.other_shape.empty() || !report.unexpected.empty()) continue;
      if (report.loaded.size() <= (best ? best->report.loaded.size() : 0)) continue;
      const std::optional<int64_t> outputs = head_outputs(tensors, report.head_dropped);
      best = {&candidate, std::move(report), graph.output_dims()[0], outputs, prefix};
    }
  }
  return best;
}

LoadReport load(const StateDict& dict, graph::Graph& graph, const LoadOptions& options) {
  const auto [tensors, twice] = renamed(dict, options.rename);
  if (!twice.empty()) throw data_error(dict.source, fmt::format("two tensors are {} once renamed", in_quotes(twice)));
  Comparison found = compare_tensors(tensors, graph, options.allow_other_head);
  if (!found.other_shape.empty() || !found.report.missing.empty() || !found.report.unexpected.empty()) refuse(dict, tensors, found, options);

  std::vector<std::pair<graph::Parameter*, graph::Tensor>> filled;
  const std::vector<Positions> positions = positions_of(graph);
  for (const std::string& name : found.report.loaded) {
    graph::Parameter* parameter = graph.find(name);
    const auto place = std::ranges::find(positions, std::string_view(name), &Positions::name);
    filled.emplace_back(parameter, as_parameter(*tensors.find(name)->second, place != positions.end() ? &*place : nullptr, dict));
  }
  for (auto& [parameter, tensor] : filled) parameter->tensor = std::move(tensor);
  for (const std::string& name : found.report.head_dropped) graph.find(name)->tensor = {};
  return std::move(found.report);
}

LoadReport compare(const StateDict& dict, const graph::Graph& graph, const LoadOptions& options) {
  const auto [tensors, twice] = renamed(dict, options.rename);
  Comparison found = compare_tensors(tensors, graph, options.allow_other_head);
  if (!twice.empty()) found.report.unexpected.push_back(twice);
  for (const graph::Parameter* parameter : found.other_shape) {
    found.report.missing.push_back(parameter->name);
    found.report.unexpected.push_back(parameter->name);
  }
  return std::move(found.report);
}

}  // namespace graft::weights
