#include "graft/cli/options_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graft/base/config_help.h"

namespace graft::cli {
namespace {

constexpr const char* kBeginning = R"(
This page lists every option of every command, with what it does, its values and its default. `graft COMMAND --help` lists the options of one command by
subject; `graft fit --help` shows the usual ones and `graft fit --help all` the rest. The names that other tools use also work ("also"), and so does an
underscore instead of a dash. `--config FILE` reads options from a TOML file, under the same names.
)";

/// An option in its words: commands that say the same of it share a line.
struct Entry {
  std::string words, sentence;
  std::vector<std::string> commands;
};

using Entries = std::map<std::string, std::vector<Entry>>;  // by the option's name

/// "out" of "-o, --out FOLDER", "mirror" of "--[no-]mirror".
std::string name_in(const std::string& words) {
  std::string name = words.substr(words.find("--") + 2);
  if (name.starts_with("[no-]")) name.erase(0, 5);
  return name.substr(0, name.find(' '));
}

void add(const std::string& command, const HelpRow& row, std::vector<Entry>& entries) {
  const auto same = [&](const Entry& entry) { return entry.words == row.words && entry.sentence == row.sentence; };
  const auto at = std::ranges::find_if(entries, same);
  if (at != entries.end()) at->commands.push_back(command);
  else entries.push_back({row.words, row.sentence, {command}});
}

void add_all(const CommandGroup& group, const std::string& before, std::vector<std::string>& commands, Entries& entries) {
  for (const Command& command : group.commands) {
    const std::string name = before + command.name;
    if (command.group != nullptr) add_all(command.group(), name + " ", commands, entries);
    if (command.reference == nullptr) continue;
    commands.push_back(name);
    for (const HelpGroup& part : help_groups(command.reference().fields))
      for (const HelpRow& row : part.rows)
        if (row.words.find("--") != row.words.npos) add(name, row, entries[name_in(row.words)]);
  }
}

std::string said_of(const Entry& entry, const std::vector<std::string>& all) {
  std::vector<std::string> others;
  for (const std::string& command : all)
    if (std::ranges::find(entry.commands, command) == entry.commands.end()) others.push_back(command);
  if (others.empty()) return "every command";
  if (others.size() < entry.commands.size()) return fmt::format("every command except {}", fmt::join(others, ", "));
  return fmt::format("{}", fmt::join(entry.commands, ", "));
}

}  // namespace

std::string options_page(const CommandGroup& group) {
  std::vector<std::string> commands;
  Entries entries;
  add_all(group, "", commands, entries);
  std::string text = std::string(kOptionsTitle) + kBeginning;
  char letter = 0;
  for (const auto& [name, variants] : entries) {
    if (name[0] != letter) text += fmt::format("\n## {}\n\n", static_cast<char>(name[0] - 'a' + 'A'));
    letter = name[0];
    for (const Entry& entry : variants) text += fmt::format("- `{}` ({}): {}\n", entry.words, said_of(entry, commands), entry.sentence);
  }
  return text;
}

}  // namespace graft::cli
