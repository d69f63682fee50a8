#include "graft/cli/models_facts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/graph/walks.h"
#include "graft/weights/locate.h"

namespace graft::cli {

graph::Graph build(const models::Network& network, std::optional<int64_t> classes) {
  graph::Graph graph = network.backbone->build(models::kImageNetClasses, network.source->preprocess.crop);
  if (!network.last_stage.empty()) graph = graph::until(graph, network.last_stage);
  return classes ? graph::replace_head(graph, *classes) : graph;
}

std::vector<StageFacts> stages_of(const graph::Graph& graph, bool with_values) {
  std::vector<StageFacts> stages;
  for (const std::string& name : graph.stages) stages.push_back({name, 0, {}});
  for (const graph::Parameter& p : graph.parameters)
    if (!p.buffer && !(with_values && p.tensor.empty())) stages[static_cast<std::size_t>(p.stage)].parameters += graph::element_count(p.shape);
  for (const graph::Node& n : graph.nodes) stages[static_cast<std::size_t>(n.stage)].output = n.dims;
  return stages;
}

Facts facts_of(const models::Network& network) {
  const graph::Graph graph = build(network);
  Facts facts{network, graph::parameter_count(graph), graph::multiply_adds(graph), graph::feature_count(graph), 0, stages_of(graph)};
  for (const graph::Parameter& p : graph.parameters) facts.bytes += graph::element_count(p.shape) * static_cast<int64_t>(sizeof(float));
  return facts;
}

std::vector<const models::Source*> sources_of(const models::Network& network) {
  if (network.source != &network.backbone->sources.front()) return {network.source};
  std::vector<const models::Source*> sources;
  for (const models::Source& source : network.backbone->sources) sources.push_back(&source);
  return sources;
}

std::string weights_here(const models::Network& network) {
  for (const models::Source* source : sources_of(network))
    if (!weights::find_file(*source).empty()) return source == network.source ? "here" : source->tag + " here";
  return "not here";
}

std::string top1_text(double top1) { return top1 > 0 ? fmt::format("{:.1f}", top1) : "-"; }

nlohmann::ordered_json to_json(const Facts& facts) {
  const models::Backbone& row = *facts.network.backbone;
  nlohmann::ordered_json json{{"name", facts.network.name()},
                              {"family", row.family},
                              {"paper", row.paper},
                              {"parameters", facts.parameters},
                              {"multiply_adds", facts.multiply_adds},
                              {"bytes", facts.bytes},
                              {"features", facts.features},
                              {"preprocess", data::to_json(facts.network.source->preprocess)},
                              {"stages", nlohmann::ordered_json::array()},
                              {"weights", nlohmann::ordered_json::array()}};
  for (const StageFacts& s : facts.stages) json["stages"].push_back({{"name", s.name}, {"parameters", s.parameters}, {"output", s.output}});
  for (const models::Source* s : sources_of(facts.network))
    json["weights"].push_back({{"tag", s->tag},
                               {"file", s->file},
                               {"url", s->url},
                               {"sha256", s->sha256},
                               {"licence", s->licence},
                               {"top1", s->top1},
                               {"here", !weights::find_file(*s).empty()}});
  return json;
}

}  // namespace graft::cli
