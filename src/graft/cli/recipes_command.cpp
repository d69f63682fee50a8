#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/cli/command.h"
#include "graft/study/recipe.h"

namespace graft::cli {
namespace {

const CommandText kRecipesText{"graft recipes",
                               "List the published recipes that `graft fit --recipe NAME` takes, or show one.",
                               {"graft recipes", "graft recipes ladder", "graft recipes hotdog > mine.toml"}};

struct RecipesOptions {
  std::string name;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("name", name, "name of a recipe, or its file", MayBeEmpty{});
    output.fields(v);
  }
};

nlohmann::ordered_json to_json(const study::Recipe& recipe) {
  return {{"name", recipe.name}, {"title", recipe.title}, {"source", recipe.source}, {"expected", recipe.expected}, {"toml", recipe.text}};
}

}  // namespace

CommandReference recipes_reference() { return reference_of<RecipesOptions>(kRecipesText); }

int recipes_command(std::span<const std::string> words) {
  const auto options = read_config<RecipesOptions>(kRecipesText, words);
  if (!options) return 0;
  const bool json = options->values.output.json;
  if (!options->values.name.empty()) {
    const study::Recipe recipe = study::find_recipe(options->values.name);
    print(json ? to_json(recipe).dump(2) + "\n" : recipe.text);
    return 0;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const study::Recipe& recipe : study::recipes()) {
    list.push_back(to_json(recipe));
    text += fmt::format("{:<20} {}\n", recipe.name, recipe.title);
  }
  print(json ? list.dump(2) + "\n" : text + "\ngraft fit photos/ --recipe NAME; graft recipes NAME shows it\n");
  return 0;
}

}  // namespace graft::cli
