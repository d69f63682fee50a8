#include "graft/cli/completion.h"

#include <algorithm>

#include "graft/base/other_names.h"
#include "graft/models/registry.h"
#include "graft/study/recipe.h"

namespace graft::cli {
namespace {

std::vector<std::string> networks() {
  std::vector<std::string> names;
  for (const models::Backbone& row : models::all()) names.push_back(row.name);
  return names;
}

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const study::Recipe& recipe : study::recipes()) names.push_back(recipe.name);
  return names;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : program().commands) names.push_back(command.name);
  return names;
}

/// Files have extra words where a name may stand, too: --backbone resnet50 or encoder.onnx.
CompletionPlace place_of(const std::string& command, const Field& field) {
  using Kind = CompletionPlace::Kind;
  const std::string place = command + " " + field.name;
  if (field.name == "backbone" || place == "graft models name") return {Kind::file, networks()};
  if (field.name == "recipe" || place == "graft recipes name") return {Kind::file, recipe_names()};
  if (place == "graft weights get names") return {Kind::text, networks()};
  if (place == "graft man command") return {Kind::text, command_names()};
  switch (field.kind()) {
    case OptionKind::flag: return {};
    case OptionKind::path:
    case OptionKind::paths: return {field.placeholder == "FOLDER" || field.placeholder == "RUN" ? Kind::folder : Kind::file};
    default: break;
  }
  CompletionPlace words{Kind::text, field.choices};
  const bool has_auto = std::ranges::find(words.words, "auto") != words.words.end();
  if (!words.words.empty() && field.is_optional() && !has_auto) words.words.emplace_back("auto");
  return words;
}

/// The first clause: "folder to write the run into".
std::string few_words(const std::string& help) { return help.substr(0, help.find_first_of(";:")); }

CompletedOption option_of(const std::string& command, const Field& field) {
  CompletedOption option{{"--" + field.name}, {}, few_words(field.help), field.placeholder, place_of(command, field)};
  if (field.shorthand != 0) option.words.push_back(std::string{'-', field.shorthand});
  if (field.kind() == OptionKind::flag && field.name != "help") option.others.push_back("--no-" + field.name);
  for (const std::string& word : same_as(field.name)) option.others.push_back("--" + word);
  return option;
}

/// What the arguments may be, taken together: graft predict MODEL PHOTOS... are files.
void add_arguments(const CompletionPlace& place, CompletionPlace& all) {
  all.kind = std::max(all.kind, place.kind == CompletionPlace::Kind::folder ? CompletionPlace::Kind::file : place.kind);
  all.words.insert(all.words.end(), place.words.begin(), place.words.end());
}

/// `graft help`: commands, pages, and what may follow a command there.
CompletedCommand help_command(const CommandGroup& group) {
  using Kind = CompletionPlace::Kind;
  CompletedCommand help{.names = {"help"}, .summary = "print the help of a command, or a page of the documentation", .takes_help = false};
  for (const Command& command : group.commands) {
    CompletedCommand& of = help.commands.emplace_back(CompletedCommand{.names = {command.name}, .summary = command.summary});
    of.names.insert(of.names.end(), command.also.begin(), command.also.end());
    if (command.group != nullptr)
      for (const Command& inner : command.group().commands) of.arguments.words.push_back(inner.name);
    else if (command.reference().text.long_list) of.arguments.words = {"all"};
    if (!of.arguments.words.empty()) of.arguments.kind = Kind::text;
  }
  for (const HelpPage& page : group.pages) {
    const std::string title(page.text.substr(2, page.text.find('\n') - 2));  // behind "# "
    help.commands.push_back({.names = {topic_of(group, page)}, .summary = title});
  }
  return help;
}

}  // namespace

std::vector<CompletedCommand> completed_commands(const CommandGroup& group) {
  std::vector<CompletedCommand> commands;
  for (const Command& command : group.commands) {
    CompletedCommand completed{{command.name}, command.summary, {}, {}};
    completed.names.insert(completed.names.end(), command.also.begin(), command.also.end());
    if (command.group != nullptr) completed.commands = completed_commands(command.group());
    if (command.reference != nullptr) {
      const CommandReference reference = command.reference();
      for (const Field& field : reference.fields) {
        if (field.positional) add_arguments(place_of(reference.text.name, field), completed.arguments);
        else completed.options.push_back(option_of(reference.text.name, field));
      }
    }
    commands.push_back(std::move(completed));
  }
  if (!group.pages.empty()) commands.push_back(help_command(group));
  return commands;
}

}  // namespace graft::cli
