#include "graft/study/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"
#include "graft/data/dataset.h"
#include "graft/fit/job/photos.h"
#include "graft/study/recipes.h"

namespace graft::study {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

int whole(const std::string& text, const std::string& subject) {
  const int number = number_in<int>(text).value_or(0);
  if (number < 1) throw usage_error(subject + " " + printable(text), "expected a whole number, at least 1");
  return number;
}

/// The words of a command line for these options. Errors as the command line has them, named after the recipe.
std::vector<std::string> words_from(const Entries& entries, const std::string& recipe) {
  fit::FitConfig config;
  const std::vector<Field> fields = list_fields(config);
  std::vector<std::string> words;
  for (const auto& [name, value] : entries) {
    const Field* field = find_by_any_name(fields, name);
    const bool flag = field != nullptr && field->kind() == OptionKind::flag && (value == "true" || value == "false");
    if (flag) words.push_back(value == "true" ? "--" + name : "--no-" + name);
    else words.push_back("--" + name + "=" + value);
  }
  try {
    Origins origins;
    read_words(fields, origins, {"graft fit", "", {}}, words);
  } catch (const Error& error) {
    throw usage_error(recipe, error.what());
  }
  return words;
}

/// Takes an entry out; empty where it is not there.
std::string taken(Entries& entries, const char* name) {
  const auto found = std::ranges::find(entries, name, &std::pair<std::string, std::string>::first);
  if (found == entries.end()) return "";
  const std::string value = found->second;
  entries.erase(found);
  return value;
}

/// "--epochs=3" -> "epochs"; "--no-mirror" -> "mirror".
std::string option_of(const std::string& word) {
  std::string name = word.substr(2, word.find('=') - 2);
  fit::FitConfig config;
  if (name.starts_with("no-") && find_field(list_fields(config), name) == nullptr) name.erase(0, 3);
  return name;
}

}  // namespace

Recipe parse_recipe(const std::string& text, const std::string& name) {
  const std::string subject = "recipe " + name;
  Recipe recipe{.name = name, .text = text};
  for (TomlSection& section : toml_sections(text, name)) {
    Entries& entries = section.entries;
    if (section.name.empty()) {
      recipe.title = taken(entries, "title"), recipe.source = taken(entries, "source"), recipe.expected = taken(entries, "expected");
      if (!entries.empty())
        throw usage_error(subject, fmt::format("'{}' is outside of a table, expected title, source and expected", entries.front().first),
                          "options belong below [options]");
    } else if (section.name == "options") {
      recipe.words = words_from(entries, subject);
    } else if (section.name == "when") {
      Recipe::When when;
      if (const std::string below = taken(entries, "images-below"); !below.empty())
        when.images_below = static_cast<std::size_t>(whole(below, subject + ": images-below"));
      if (const std::string steps = taken(entries, "steps"); !steps.empty()) when.steps = whole(steps, subject + ": steps");
      when.words = words_from(entries, subject);
      recipe.whens.push_back(std::move(when));
    } else if (section.name == "phase" || section.name == "row") {
      std::vector<Variant>& variants = section.name == "phase" ? recipe.phases : recipe.rows;
      std::string title = taken(entries, "name");
      if (title.empty()) title = fmt::format("{}{}", section.name, variants.size() + 1);
      variants.push_back({title, words_from(entries, subject)});
    } else {
      throw usage_error(subject, fmt::format("'{}' is not a table of a recipe, expected options, when, phase or row", printable(section.name)));
    }
  }
  if (!recipe.phases.empty() && !recipe.rows.empty()) throw usage_error(subject, "has phases and rows, expected one of them");
  return recipe;
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> list;
    for (const auto& [name, text] : kRecipes) list.push_back(parse_recipe(text, name));
    return list;
  }();
  return all;
}

Recipe find_recipe(const std::string& name) {
  if (name.ends_with(".toml")) {
    const std::vector<std::byte> bytes = read_file(name);
    return parse_recipe(std::string(as_text(bytes)), name);
  }
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes()) {
    if (recipe.name == name) return recipe;
    names.push_back(recipe.name);
  }
  const auto near = closest(name, names);
  throw usage_error("--recipe " + (name.empty() ? "''" : printable(name)), "no such recipe",
                    near ? "did you mean " + *near + "?" : "`graft recipes` lists them; a file of your own ends in .toml");
}

Configured<fit::FitConfig> with_recipe(const Configured<fit::FitConfig>& asked, const Recipe& recipe) {
  const auto over = [&](const std::vector<std::string>& words, const std::vector<std::string>& more) {
    Configured<fit::FitConfig> config;
    for (const auto* part : {&words, &more}) read_words(list_fields(config.values), config.origins, {"graft fit", "", {}}, *part);
    for (auto& [name, origin] : config.origins) origin = {Source::file, "recipe " + recipe.name};
    lay_over(asked, config, [](const Field&, const Origin& origin) { return origin.source != Source::by_default; });
    return config;
  };
  Configured<fit::FitConfig> config = over(recipe.words, {});
  if (recipe.whens.empty()) return config;
  const std::size_t images = data::open_splits(config.values.data, fit::split_options(config.values)).train.size();
  for (const Recipe::When& when : recipe.whens) {
    if (when.images_below && images >= *when.images_below) continue;
    config = over(recipe.words, when.words);
    if (when.steps == 0 || origin_of(config.origins, "epochs").source == Source::flag) return config;
    const double batch = config.values.training.batch * config.values.training.accumulate;
    config.values.training.epochs = std::max(1, static_cast<int>(std::ceil(when.steps * batch / static_cast<double>(images))));
    config.origins.insert_or_assign("epochs", Origin{Source::file, fmt::format("recipe {}: {} steps", recipe.name, when.steps)});
    return config;
  }
  return config;
}

Variant without_given(Variant variant, const Origins& origins) {
  std::erase_if(variant.words, [&](const std::string& word) { return origin_of(origins, option_of(word)).given(); });
  return variant;
}

}  // namespace graft::study
