#include "graft/cli/models_facts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/graph/walks.h"
#include "graft/weights/locate.h"

namespace graft::cli {

graph::Graph build(const models::Network& network, std::optional<int64_t> classes) {
  constexpr int64_t kImageNetClasses = 1000;
  graph::Graph graph = network.backbone->build(kImageNetClasses, network.source->preprocess.crop);
  if (!network.last_stage.empty()) graph = graph::until(graph, network.last_stage);
  return classes ? graph::replace_head(graph, *classes) : graph;
}

Facts facts_of(const models::Network& network) {
  const graph::Graph graph = build(network);
  Facts facts{network, graph::parameter_count(graph), graph::multiply_adds(graph), graph::features(graph).output_dims()[0], 0, {}};
  for (const std::string& name : graph.stages) facts.stages.push_back({name, 0, {}});
  for (const graph::Parameter& p : graph.parameters) {
    const int64_t values = graph::element_count(p.shape);
    facts.bytes += values * static_cast<int64_t>(sizeof(float));
    if (!p.buffer) facts.stages[static_cast<std::size_t>(p.stage)].parameters += values;
  }
  for (const graph::Node& n : graph.nodes) facts.stages[static_cast<std::size_t>(n.stage)].output = n.dims;
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
