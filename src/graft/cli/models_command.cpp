#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/models_facts.h"
#include "graft/cli/models_list.h"
#include "graft/cli/models_onnx.h"
#include "graft/cli/models_params.h"
#include "graft/engine/onnx_network.h"
#include "graft/weights/locate.h"

namespace graft::cli {
namespace {

const CommandText kModelsText{"graft models",
                              "List the pretrained networks, show one with its stages, or show which of its parameters a strategy would train.",
                              {"graft models --sort top1 --max-parameters 10M", "graft models resnet50", "graft models resnet50.IMAGENET1K_V2:layer3",
                               "graft models resnet18 --params --unfreeze layer4"}};

struct ModelsOptions {
  std::string name;
  ListOptions list;
  bool params = false;
  std::optional<int64_t> classes;
  std::optional<Size> size;
  transfer::Strategy strategy;
  OutputOptions output;
  void fields(FieldList& v) {
    v.positional(
        "name", name,
        "a network: NAME, NAME.WEIGHTS (to choose other weights), NAME:STAGE (up to that stage) or FILE.onnx; without it, all networks are listed",
        MayBeEmpty{});
    list.fields(v);
    v.group("One network");
    v("params", params, "show every parameter: its shape, its stage, and how the strategy trains it");
    v("classes", classes, "with --params: the outputs of a new head", between(1, 1e6), DefaultText{"the network's own head"});
    strategy.fields(v);
    v.group("An ONNX file");
    v("size", size, "size of its pictures in pixels: a square's side, or HEIGHTxWIDTH", between(8, 1024), DefaultText{"as the file says, else 224"});
    output.fields(v);
  }
};

/// ModelsOptions that would be without effect are an error, the first of them by name.
void check(const Configured<ModelsOptions>& config) {
  const ModelsOptions& o = config.values;
  const auto given = [&](const std::string& name) { return origin_of(config.origins, name).source != Source::by_default; };
  ListOptions list;
  transfer::Strategy strategy;
  for (const Field& field : list_fields(list))
    if (!o.name.empty() && given(field.name))
      throw usage_error("--" + field.name, "is for the list of all networks", "leave out " + printable(o.name));
  std::vector<std::string> of_params{"classes"};
  for (const Field& field : list_fields(strategy)) of_params.push_back(field.name);
  for (const std::string& name : of_params)
    if (!o.params && given(name)) throw usage_error("--" + name, "is for --params", "for instance graft models resnet18 --params");
  if (o.size && (o.params || !engine::is_onnx_file(o.name)))
    throw usage_error("--size", "is for what an ONNX file has", "for instance graft models encoder.onnx --size 256x128");
  if (o.params && o.name.empty()) throw usage_error("--params", "needs a network's name", "for instance graft models resnet18 --params");
}

std::string details(const Facts& facts) {
  const data::Preprocess& p = facts.network.source->preprocess;
  std::string text = fmt::format(
      "{} ({}): {} parameters ({:.1f} MB), {:.2f} G multiply-adds, {} features\n"
      "pictures: shorter side to {}, center {}, mean {:.3f}, std {:.3f}\n\n",
      facts.network.name(), facts.network.backbone->paper, with_commas(facts.parameters), facts.megabytes(), facts.gmacs(), facts.features, p.resize,
      both_sides(p.crop), fmt::join(p.mean, " "), fmt::join(p.std, " "));
  text += fmt::format("{:<12} {:>12}  {}\n", "stage", "parameters", "output");
  for (const StageFacts& s : facts.stages) text += fmt::format("{:<12} {:>12}  {}\n", s.name, with_commas(s.parameters), graph::to_string(s.output));
  for (const models::Source* s : sources_of(facts.network))
    text += fmt::format("\nweights {}: {} ({}, top-1 {}), {}\n  {}\n", s->tag, s->file, s->licence,
                        s->top1 > 0 ? top1_text(s->top1) + " %" : "not published", weights::find_file(*s).empty() ? "not here" : "here", s->url);
  return text;
}

}  // namespace

CommandReference models_reference() { return reference_of<ModelsOptions>(kModelsText); }

int models_command(std::span<const std::string> words) {
  const auto config = read_config<ModelsOptions>(kModelsText, words);
  if (!config) return 0;
  check(*config);
  const ModelsOptions& o = config->values;
  if (o.name.empty()) {
    print_list(o.list, o.output);
    return 0;
  }
  if (!o.params && engine::is_onnx_file(o.name)) {
    print_onnx(o.name, o.size, o.output);
    return 0;
  }
  const models::Network network = models::find_network(o.name);
  if (o.params) {
    print_params(build(network, o.classes), o.strategy, o.output);
    return 0;
  }
  const Facts facts = facts_of(network);
  print(o.output.json ? to_json(facts).dump(2) + "\n" : details(facts));
  return 0;
}

}  // namespace graft::cli
