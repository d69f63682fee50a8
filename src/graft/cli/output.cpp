#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"

namespace graft::cli {

namespace {

std::string overview(const CommandGroup& group) {
  std::size_t width = 0;
  for (const Command& c : group.commands) width = std::max(width, c.name.size());
  std::string text = group.summary + "\n\n" + group.usage + "\n\n";
  for (const Command& c : group.commands) {
    const auto section = std::ranges::find(group.sections, c.name, &CommandSection::first);
    if (section != group.sections.end()) text += fmt::format("{}{}\n", section == group.sections.begin() ? "" : "\n", section->title);
    text += fmt::format("  {:<{}}  {}{}\n", c.name, width, c.summary, c.also.empty() ? "" : fmt::format(" (also {})", fmt::join(c.also, ", ")));
  }
  text += fmt::format("\n`{} COMMAND --help` lists a command's options.", group.name);
  if (!group.pages.empty()) text += fmt::format(" `{} help` lists the pages of the documentation.", group.name);
  return text + fmt::format(" To begin: {}\n", group.first);
}

const Command* look_up(const CommandGroup& group, std::string_view word) {
  const auto is_called = [&](const Command& c) { return c.name == word || std::ranges::find(c.also, word) != c.also.end(); };
  const auto at = std::ranges::find_if(group.commands, is_called);
  return at == group.commands.end() ? nullptr : &*at;
}

/// `graft help`: the overview, and the pages with their titles.
std::string contents(const CommandGroup& group) {
  std::string text = overview(group);
  if (group.pages.empty()) return text;
  std::size_t width = 0;
  for (const HelpPage& page : group.pages) width = std::max(width, topic_of(group, page).size());
  text += fmt::format("\n{} help TOPIC\n\n", group.name);
  for (const HelpPage& page : group.pages) {
    const std::string_view title = page.text.substr(2, page.text.find('\n') - 2);  // behind "# "
    text += fmt::format("  {:<{}}  {}\n", topic_of(group, page), width, title);
  }
  return text;
}

/// Error (usage) for a word that is no command, nor, where pages were asked for, one of them.
[[noreturn]] void refuse_word(const CommandGroup& group, const std::string& word, bool asks_for_help) {
  std::vector<std::string> names;
  for (const Command& c : group.commands) {
    names.push_back(c.name);
    names.insert(names.end(), c.also.begin(), c.also.end());
  }
  const std::string written = group.name + " " + printable(word), subject = written.substr(written.find(' ') + 1);  // the program names itself
  const auto foreign = std::ranges::find(group.foreign, word, &ForeignCommand::name);
  if (foreign != group.foreign.end()) throw usage_error(subject, "no such command", foreign->instead);
  if (word.starts_with('-')) throw usage_error(subject, "comes before the command", group.usage);
  const bool topics = asks_for_help && !group.pages.empty();
  if (topics)
    for (const HelpPage& page : group.pages) names.push_back(topic_of(group, page));
  const std::string fact = topics ? "no such command or topic" : "no such command", call = group.name + (asks_for_help ? " help" : "");
  const auto near = closest(word, names);
  if (near) throw usage_error(subject, fact, "did you mean `" + call + " " + *near + "`?");
  throw usage_error(subject, fact, "see `" + group.name + (topics ? " help`" : " --help`"));
}

const Command& find_command(const CommandGroup& group, const std::string& word) {
  if (const Command* command = look_up(group, word)) return *command;
  refuse_word(group, word, false);
}

/// graft help fit, graft help fit all, graft help data
int help_of(const CommandGroup& group, std::span<const std::string> words) {
  if (const Command* command = look_up(group, words[0])) {
    std::vector<std::string> rest(words.begin() + 1, words.end());
    rest.insert(!rest.empty() && rest.back() == "all" ? rest.end() - 1 : rest.end(), "--help");
    return command->run(rest);
  }
  for (const HelpPage& page : group.pages) {
    if (words[0] != page.name && words[0] != std::string(page.name) + ".md") continue;
    if (words.size() > 1) throw usage_error(printable(words[1]), "comes after the topic", "usage: " + group.name + " help TOPIC");
    return print(page.made == nullptr ? std::string(page.text) : page.made()), 0;
  }
  refuse_word(group, words[0], true);
}

}  // namespace

std::string topic_of(const CommandGroup& group, const HelpPage& page) {
  return std::string(page.name) + (look_up(group, page.name) == nullptr ? "" : ".md");
}

int run_command(const CommandGroup& group, std::span<const std::string> words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    print(overview(group));
    return words.empty() ? 2 : 0;
  }
  if (words[0] != "help") return find_command(group, words[0]).run(words.subspan(1));
  if (words.size() > 1) return help_of(group, words.subspan(1));
  print(contents(group));
  return 0;
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw system_error("standard output", "write", errno);
}

void report(const OutputOptions& output, const std::string& text) {
  if (!output.quiet) print(text);
}

void remark(const OutputOptions& output, const std::string& sentence) {
  if (!output.quiet) std::fputs((sentence + "\n").c_str(), stderr);
}

ProgressStyle progress_style(const OutputOptions& output) {
  ProgressStyle style;
  if (output.quiet) return style;
  style.kind = isatty(STDERR_FILENO) != 0 ? ProgressStyle::Kind::bar : ProgressStyle::Kind::lines;
  winsize window{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) style.columns = window.ws_col;
  style.sink = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
  return style;
}

void refuse_target(const std::filesystem::path& file, bool force) {
  namespace fs = std::filesystem;
  std::error_code code;
  const std::string name = printable(file.string());
  if (fs::is_directory(file, code)) throw data_error(name, "is a folder, expected a file or nothing", "choose another --csv");
  if (!force && fs::exists(fs::symlink_status(file, code))) throw data_error(name, "already exists", "choose another --csv or pass --force");
  fs::path folder = fs::absolute(file).parent_path();
  while (!fs::exists(folder, code) && folder.has_relative_path()) folder = folder.parent_path();  // what is missing is made
  if (!fs::is_directory(folder, code)) throw system_error(file, "write", ENOTDIR, "choose another --csv");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw system_error(file, "write", errno, "choose another --csv");
}

}  // namespace graft::cli
