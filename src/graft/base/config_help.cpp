#include <fmt/format.h>

#include <algorithm>

#include "graft/base/config.h"
#include "graft/base/config_help.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"
#include "graft/base/wrap.h"

namespace graft {
namespace {

constexpr std::size_t kColumns = 100, kTextColumn = 30;
constexpr const char* kArguments = "Arguments";

/// Two columns; a long left part stands on a line of its own.
std::string row(const std::string& left, std::string_view right) {
  std::string out = "  " + left;
  std::size_t column = columns_of(out);
  if (column + 2 > kTextColumn) {
    out += '\n';
    column = 0;
  }
  for (const std::string& line : wrap(right, kColumns - kTextColumn)) {
    out += std::string(kTextColumn - column, ' ');
    out += line;
    out += '\n';
    column = 0;
  }
  return out;
}

/// Short choices are shown in place of the value, long ones in the sentence.
std::string short_choices(const Field& field) {
  std::string text;
  if (field.is_optional()) text = "auto";
  for (const std::string& choice : field.choices)
    if (choice != "auto" || !field.is_optional()) text += (text.empty() ? "" : "|") + choice;
  return text.size() <= 24 ? text : "";
}

std::string placeholder(const Field& field) {
  if (!field.placeholder.empty()) return field.placeholder;
  switch (field.kind()) {
    case OptionKind::flag: return "";
    case OptionKind::integer: return "N";
    case OptionKind::real: return "NUMBER";
    case OptionKind::size: return "SIZE";
    case OptionKind::text:
    case OptionKind::texts: return "TEXT";
    case OptionKind::path:
    case OptionKind::paths: return "PATH";
    case OptionKind::choice: return short_choices(field).empty() ? "NAME" : short_choices(field);
  }
  return "";
}

std::string shown_default(const Field& field) {
  if (!field.default_text.empty()) return field.default_text;
  const OptionValue value = field.value();
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "on" : "";
  if (field.kind() == OptionKind::path && value == OptionValue()) return "";  // none is none, not "auto"
  return printable(text_of(value));
}

std::string sentence(const Field& field) {
  std::vector<std::string> notes;
  if (field.kind() == OptionKind::choice && short_choices(field).empty()) notes.push_back(field.expected());
  if (!field.range.text.empty()) notes.push_back(field.range.text);
  if (const std::string text = shown_default(field); !text.empty() && !field.positional) notes.push_back("default " + text);
  std::vector<std::string> others = field.positional ? std::vector<std::string>() : same_as(field.name);
  for (std::string& other : others) other = "--" + other;
  if (!others.empty()) notes.push_back(fmt::format("also {}", fmt::join(others, ", ")));
  return notes.empty() ? field.help : fmt::format("{} ({})", field.help, fmt::join(notes, "; "));
}

std::string positional_word(const Field& field) {
  std::string word = field.placeholder.empty() ? field.name : field.placeholder;
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (field.is_list()) word += "...";
  return field.may_be_empty || field.is_optional() ? fmt::format("[{}]", word) : word;
}

std::string option_words(const Field& field) {
  std::string text = field.shorthand == 0 ? "" : fmt::format("-{}, ", field.shorthand);
  const OptionValue value = field.value();
  const bool on = std::holds_alternative<bool>(value) && std::get<bool>(value);
  text += (on ? "--[no-]" : "--") + field.name;
  const std::string word = placeholder(field);
  return word.empty() ? text : text + " " + word;
}

}  // namespace

std::string usage_line(const CommandText& command, std::span<const Field> fields) {
  std::string line = command.name;
  for (const Field& field : fields)
    if (field.positional) line += " " + positional_word(field);
  return line + " [options]";
}

std::vector<HelpGroup> help_groups(const std::vector<Field>& fields) {
  std::vector<HelpGroup> groups;
  for (const Field& field : fields) {
    const std::string title = field.positional ? kArguments : field.group.empty() ? "Options" : field.group;
    auto group = std::ranges::find(groups, title, &HelpGroup::title);
    if (group == groups.end()) group = groups.insert(field.positional ? groups.begin() : groups.end(), {title, {}});
    group->rows.push_back({field.positional ? positional_word(field) : option_words(field), sentence(field)});
  }
  return groups;
}

namespace {

/// A line for each option that most people want, with its default where there is room.
std::string usual_options(const CommandText& command, const std::vector<Field>& fields) {
  const auto options = std::ranges::count(fields, false, &Field::positional);
  std::string text = fmt::format("\nUsual options (all {}: {} --help all):\n", options, command.name);
  for (const Field& field : fields) {
    if (field.one_line.empty()) continue;
    const std::string shown = shown_default(field), with_default = fmt::format("{} (default {})", field.one_line, shown);
    const bool fits = !shown.empty() && shown != "none" && shown != "auto" && columns_of(with_default) <= kColumns - kTextColumn;
    text += row(option_words(field), fits ? with_default : field.one_line);
  }
  return text;
}

}  // namespace

std::string help(const CommandText& command, const std::vector<Field>& fields, HelpLength length) {
  CommonOptions common;
  std::vector<Field> all = fields;
  for (Field& field : list_fields(common)) all.push_back(std::move(field));
  check_fields(all);

  std::string text = "Usage: " + usage_line(command, fields) + "\n";
  if (!command.summary.empty()) text += "\n";
  if (!command.summary.empty())
    for (const std::string& line : wrap(command.summary, kColumns)) text += line + "\n";
  const bool usual = length == HelpLength::usual && command.long_list;
  for (const HelpGroup& group : help_groups(all)) {
    if (usual && group.title != kArguments) continue;
    text += "\n" + group.title + ":\n";
    for (const HelpRow& r : group.rows) text += row(r.words, r.sentence);
  }
  if (usual) text += usual_options(command, all);
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + "\n";
  return text;
}

}  // namespace graft
