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
  for (const Command& c : group.commands)
    text += fmt::format("  {:<{}}  {}{}\n", c.name, width, c.summary, c.also.empty() ? "" : fmt::format(" (also {})", fmt::join(c.also, ", ")));
  return text + fmt::format("\n`{} COMMAND --help` lists a command's options. To begin: {}\n", group.name, group.first);
}

const Command& find_command(const CommandGroup& group, const std::string& word) {
  std::vector<std::string> names;
  for (const Command& c : group.commands) {
    if (c.name == word || std::ranges::find(c.also, word) != c.also.end()) return c;
    names.push_back(c.name);
    names.insert(names.end(), c.also.begin(), c.also.end());
  }
  const std::string written = group.name + " " + printable(word), subject = written.substr(written.find(' ') + 1);  // the program names itself
  const auto foreign = std::ranges::find(group.foreign, word, &ForeignCommand::name);
  if (foreign != group.foreign.end()) throw usage_error(subject, "no such command", foreign->instead);
  if (word.starts_with('-')) throw usage_error(subject, "stands before the command", group.usage);
  const auto near = closest(word, names);
  throw usage_error(subject, "no such command", near ? "did you mean `" + group.name + " " + *near + "`?" : "see `" + group.name + " --help`");
}

}  // namespace

int run_command(const CommandGroup& group, std::span<const std::string> words) {
  if (words.size() > 1 && words[0] == "help") {  // graft help fit, graft help fit all
    std::vector<std::string> rest(words.begin() + 2, words.end());
    rest.insert(!rest.empty() && rest.back() == "all" ? rest.end() - 1 : rest.end(), "--help");
    return find_command(group, words[1]).run(rest);
  }
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print(overview(group));
    return words.empty() ? 2 : 0;
  }
  return find_command(group, words[0]).run(words.subspan(1));
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
