#include <fmt/format.h>

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
  std::string text = group.summary + "\n\n" + group.usage + "\n\n";
  for (const Command& c : group.commands) text += fmt::format("  {:<9} {}\n", c.name, c.summary);
  return text + fmt::format("\n`{} COMMAND --help` lists a command's options. To begin: {}\n", group.name, group.first);
}

}  // namespace

int run_command(const CommandGroup& group, std::span<const std::string> words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print(overview(group));
    return words.empty() ? 2 : 0;
  }
  std::vector<std::string> names;
  for (const Command& c : group.commands) {
    if (c.name == words[0]) return c.run(words.subspan(1));
    names.push_back(c.name);
  }
  const std::string written = group.name + " " + printable(words[0]);  // begins with the program, which every message does
  const auto near = closest(words[0], names);
  throw usage_error(written.substr(written.find(' ') + 1), "no such command",
                    near ? "did you mean `" + group.name + " " + *near + "`?" : "see `" + group.name + " --help`");
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw system_error("standard output", "write", errno);
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

}  // namespace graft::cli
