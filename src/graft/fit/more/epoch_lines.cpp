#include "graft/fit/more/epoch_lines.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace graft::fit {
namespace {

/// "0:41", "1:02:03".
std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60) : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

void EpochLines::step(int epoch, std::size_t step, std::size_t steps) {
  if (!listener_.watch) return;
  if (epoch != epoch_) {
    epoch_ = epoch;
    done_ = 0;
    advance_ = listener_.watch(fmt::format("epoch {}/{}", epoch + 1, epochs_), photos_);
  }
  const std::size_t now = photos_ * step / steps;
  if (advance_) advance_(now - done_);
  done_ = now;
}

void EpochLines::epoch(const train::EpochRecord& e) {
  const double seconds = std::chrono::duration<double>(Clock::now() - since_).count();
  since_ = Clock::now();
  if (!listener_.note) return;
  // Within 80 columns; the learning rate is in history.csv.
  std::string scores;
  for (const auto& [name, value] : e.scores) scores += fmt::format(", {} {:.3f}", name, value);
  const std::string fit =
      validated_ ? fmt::format("loss {:.4f}/{:.4f}, accuracy {:.3f}/{:.3f} (train/val)", e.train_loss, e.val_loss, e.train_accuracy, e.val_accuracy)
                 : fmt::format("loss {:.4f}", e.train_loss);
  listener_.note(fmt::format("epoch {:>{}}/{}: {}{}, {} left", e.epoch + 1, std::to_string(epochs_).size(), epochs_, fit, scores,
                             duration(seconds * (epochs_ - e.epoch - 1))));
}

}  // namespace graft::fit
