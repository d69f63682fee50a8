#include <fmt/format.h>

#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/cli/command.h"

namespace graft::cli {

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
