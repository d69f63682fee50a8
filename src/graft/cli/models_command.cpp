#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "graft/weights/locate.h"

namespace graft::cli {
namespace {

const CommandText kText{"graft models", "List the pretrained networks, or show one with its stages.", {"graft models", "graft models resnet50"}};
constexpr int64_t kClasses = 1000;

struct Options {
  std::string name;
  OutputOptions output;
  template <class Visitor>
  void fields(Visitor& v) {
    v.positional("name", name, "a network's name; without it all are listed", MayBeEmpty{});
    output.fields(v);
  }
};

struct StageRow {
  std::string name;
  int64_t parameters = 0;
  graph::Dims output;
};

std::vector<StageRow> stages_of(const graph::Graph& graph) {
  std::vector<StageRow> rows;
  for (const std::string& name : graph.stages) rows.push_back({name, 0, {}});
  for (const graph::Parameter& p : graph.parameters)
    if (!p.buffer) rows[static_cast<std::size_t>(p.stage)].parameters += graph::element_count(p.shape);
  for (const graph::Node& n : graph.nodes) rows[static_cast<std::size_t>(n.stage)].output = n.dims;
  return rows;
}

nlohmann::ordered_json to_json(const models::Backbone& row) {
  const graph::Graph graph = row.build(kClasses, row.preprocess().crop);
  nlohmann::ordered_json json{{"name", row.name},
                              {"family", row.family},
                              {"paper", row.paper},
                              {"parameters", graph::parameter_count(graph)},
                              {"multiply_adds", graph::multiply_adds(graph)},
                              {"features", graph::features(graph).output_dims()[0]},
                              {"preprocess", data::to_json(row.preprocess())},
                              {"stages", nlohmann::ordered_json::array()},
                              {"weights", nlohmann::ordered_json::array()}};
  for (const StageRow& s : stages_of(graph)) json["stages"].push_back({{"name", s.name}, {"parameters", s.parameters}, {"output", s.output}});
  for (const models::Source& s : row.sources)
    json["weights"].push_back({{"tag", s.tag},
                               {"file", s.file},
                               {"url", s.url},
                               {"sha256", s.sha256},
                               {"licence", s.licence},
                               {"top1", s.top1},
                               {"here", !weights::find_file(s).empty()}});
  return json;
}

std::string table() {
  std::string text = fmt::format("{:<20} {:>11} {:>10} {:>9} {:>6} {:>6}  {:<13} {}\n", "name", "parameters", "GMACs", "features", "input", "top-1",
                                 "licence", "weights");
  for (const models::Backbone& row : models::all()) {
    const graph::Graph graph = row.build(kClasses, row.preprocess().crop);
    const models::Source& source = row.sources.front();
    text += fmt::format("{:<20} {:>11} {:>10.2f} {:>9} {:>6} {:>6.1f}  {:<13} {}\n", row.name, with_commas(graph::parameter_count(graph)),
                        static_cast<double>(graph::multiply_adds(graph)) / 1e9, graph::features(graph).output_dims()[0], row.preprocess().crop,
                        source.top1, source.licence, weights::find_file(source).empty() ? "not here" : "here");
  }
  return text;
}

std::string details(const models::Backbone& row) {
  const graph::Graph graph = row.build(kClasses, row.preprocess().crop);
  const data::Preprocess& p = row.preprocess();
  std::string text = fmt::format(
      "{} ({}): {} parameters, {:.2f} G multiply-adds, {} features\npictures: shorter side to {}, centre {}x{}, mean {:.3f}, std {:.3f}\n\n",
      row.name, row.paper, with_commas(graph::parameter_count(graph)), static_cast<double>(graph::multiply_adds(graph)) / 1e9,
      graph::features(graph).output_dims()[0], p.resize, p.crop, p.crop, fmt::join(p.mean, " "), fmt::join(p.std, " "));
  text += fmt::format("{:<12} {:>12}  {}\n", "stage", "parameters", "output");
  for (const StageRow& s : stages_of(graph))
    text += fmt::format("{:<12} {:>12}  {}\n", s.name, with_commas(s.parameters), graph::to_string(s.output));
  for (const models::Source& s : row.sources)
    text += fmt::format("\nweights {}: {} ({}, top-1 {:.1f} %), {}\n  {}\n", s.tag, s.file, s.licence, s.top1,
                        weights::find_file(s).empty() ? "not here" : "here", s.url);
  return text;
}

}  // namespace

int models_command(std::span<const std::string> words) {
  const auto config = read_config<Options>(kText, words);
  if (!config) return 0;
  const Options& o = config->values;
  if (!o.name.empty()) {
    const models::Backbone& row = models::find(o.name);
    print(o.output.json ? to_json(row).dump(2) + "\n" : details(row));
  } else if (o.output.json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const models::Backbone& row : models::all()) all.push_back(to_json(row));
    print(all.dump(2) + "\n");
  } else {
    print(table());
  }
  return 0;
}

}  // namespace graft::cli
