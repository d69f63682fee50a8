#include "graft/cli/download_progress.h"

#include <memory>

namespace graft::cli {
namespace {

constexpr uint64_t kMegabyte = 1000000;

std::size_t megabytes(uint64_t bytes) { return static_cast<std::size_t>((bytes + kMegabyte - 1) / kMegabyte); }

}  // namespace

std::function<void(uint64_t done, uint64_t total)> download_progress(const std::string& what, const OutputOptions& output) {
  // The bar is made at the first call, which tells how long it is. A try that begins again leaves it where it was.
  return [what, style = progress_style(output), bar = std::shared_ptr<Progress>(), shown = std::size_t{0}](uint64_t done, uint64_t total) mutable {
    if (!bar) bar = std::make_shared<Progress>(what, megabytes(total), style, "MB");
    const std::size_t now = megabytes(done);
    if (now > shown) {
      bar->advance(now - shown);
      shown = now;
    }
    if (total > 0 && done == total) bar->finish();
  };
}

}  // namespace graft::cli
