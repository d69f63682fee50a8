#include "graft/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "graft/base/wrap.h"

namespace graft::cli {

std::string wrapped(const std::string& line) {
  winsize window{};
  const bool narrow = isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 2;
  if (!narrow) return line + "\n";
  std::string text;
  for (const std::string& part : wrap(line, window.ws_col - 1U, 2)) text += part + "\n";
  return text;
}

}  // namespace graft::cli
