// Progress of a long step: a line that is rewritten on a terminal, an occasional plain line when piped, nothing when quiet.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace graft {

/// How and where progress is drawn. The library prints nothing itself: `main` passes a sink that writes to stderr.
struct ProgressStyle {
  enum class Kind { quiet, lines, bar };
  using Clock = std::chrono::steady_clock;

  Kind kind = Kind::quiet;
  bool announced = true;                       // lines: also when it begins
  std::size_t columns = 80;                    // width of the terminal; a bar's line stays below it
  std::function<void(std::string_view)> sink;  // called under a lock, with one complete drawing at a time
  std::function<Clock::time_point()> now = [] { return Clock::now(); };
};

///   bar:    features  [#######-----]  244/397  182/s  0:01 left        (at most 10 times a second)
///   lines:  features: 244/397, 182/s, 0:01 left                        (at most every 10 seconds)
///   end:    features: 397 images in 2.1 s (189/s)
/// advance() may be called by several threads at once. Without finish(), after an exception, only the line is ended.
class Progress {
 public:
  /// `total` 0: not known. `unit` in the plural.
  Progress(std::string what, std::size_t total, ProgressStyle style, std::string unit = "images");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::size_t count = 1);
  void finish();
  void finish(const std::string& line);  // this text instead of the usual last line, wrapped if necessary

 private:
  double seconds() const;
  void put_line(const std::string& line);
  std::string bar_line() const;
  std::string plain_line() const;
  std::string last_line() const;

  const std::string what_, unit_;
  const std::size_t total_;
  const ProgressStyle style_;
  const ProgressStyle::Clock::time_point start_;
  std::mutex mutex_;
  ProgressStyle::Clock::time_point drawn_at_;
  std::size_t done_ = 0, drawn_columns_ = 0;
  bool finished_ = false;
};

}  // namespace graft
