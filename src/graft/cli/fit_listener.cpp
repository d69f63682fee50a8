#include "graft/cli/fit_listener.h"

#include <memory>

#include "graft/cli/download_progress.h"

namespace graft::cli {

fit::Listener listener_for(const OutputOptions& output) {
  fit::Listener listener;
  const auto watched = std::make_shared<std::unique_ptr<Progress>>();  // that the next note ends
  listener.note = [&output, watched](const std::string& sentence) {
    if (*watched) {
      (*watched)->finish(sentence);
      watched->reset();
    } else {
      remark(output, sentence);
    }
  };
  listener.watch = [&output, watched](const std::string& what, std::size_t total) -> std::function<void(std::size_t)> {
    ProgressStyle style = progress_style(output);
    style.announced = false;
    *watched = std::make_unique<Progress>(what, total, style, "photos");
    return [watched](std::size_t done) {
      if (*watched) (*watched)->advance(done);
    };
  };
  listener.begin = [&output](const std::string& what, std::size_t total) -> std::function<void(std::size_t)> {
    auto progress = std::make_shared<Progress>(what, total, progress_style(output), "photos");
    return [progress, left = total](std::size_t done) mutable {
      progress->advance(done);
      left -= done;
      if (left == 0) progress->finish();
    };
  };
  listener.download = [&output, draw = std::function<void(uint64_t, uint64_t)>()](const std::string& file, uint64_t done, uint64_t total) mutable {
    if (!draw) draw = download_progress(file, output);
    draw(done, total);
  };
  return listener;
}

}  // namespace graft::cli
