#include "graft/base/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace graft {
namespace {

using Kind = ProgressStyle::Kind;

constexpr std::size_t kLongestBar = 24, kShortestBar = 5;

std::string rate_text(double per_second) { return fmt::format("{:.{}f}/s", per_second, per_second < 9.95 ? 1 : 0); }

/// 65 -> "1:05", 3665 -> "1:01:05".
std::string clock_text(double seconds) {
  const auto s = static_cast<long long>(std::min(std::ceil(seconds), 3.6e9));
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string duration_text(double seconds) {
  if (seconds < 99.95) return fmt::format("{:.1f} s", seconds);
  const auto s = static_cast<long long>(std::lround(seconds));
  if (s >= 3600) return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
  return fmt::format("{} min {} s", s / 60, s % 60);
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The first `columns` characters, never half of one.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (starts && seen++ == columns) break;
  }
  return text.substr(0, end);
}

std::chrono::milliseconds pause(Kind kind) { return std::chrono::milliseconds(kind == Kind::bar ? 100 : 10000); }

/// "1 image", "2 images".
std::string counted(std::size_t count, const std::string& plural) {
  const bool one = count == 1 && plural.ends_with('s');
  return fmt::format("{} {}", count, one ? plural.substr(0, plural.size() - 1) : plural);
}

}  // namespace

Progress::Progress(std::string what, std::size_t total, ProgressStyle style, std::string unit)
    : what_(std::move(what)), unit_(std::move(unit)), total_(total), style_(std::move(style)), start_(style_.now()), drawn_at_(start_) {
  if (style_.kind == Kind::bar) put_line(bar_line());
  if (style_.kind == Kind::lines && style_.announced) put_line(total_ == 0 ? what_ : fmt::format("{}: {}", what_, counted(total_, unit_)));
}

Progress::~Progress() {
  if (style_.kind == Kind::bar && !finished_) style_.sink("\n");
}

void Progress::advance(std::size_t count) {
  if (style_.kind == Kind::quiet) return;
  const std::lock_guard lock(mutex_);
  done_ += count;
  if (finished_) return;
  const auto now = style_.now();
  if (now - drawn_at_ < pause(style_.kind)) return;
  drawn_at_ = now;
  put_line(style_.kind == Kind::bar ? bar_line() : plain_line());
}

void Progress::finish() { finish(last_line()); }

void Progress::finish(const std::string& line) {
  if (style_.kind == Kind::quiet) return;
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  put_line(line);
  if (style_.kind == Kind::bar) style_.sink("\n");
}

double Progress::seconds() const { return std::chrono::duration<double>(style_.now() - start_).count(); }

void Progress::put_line(const std::string& line) {
  if (style_.kind == Kind::lines) {
    style_.sink(line + "\n");
    return;
  }
  // Blanks instead of an escape sequence wipe the longer line before; the last column stays free, else some terminals wrap.
  const std::string text = cut(line, std::max<std::size_t>(style_.columns, 2) - 1);
  const std::size_t columns = columns_of(text);
  style_.sink("\r" + text + std::string(drawn_columns_ > columns ? drawn_columns_ - columns : 0, ' '));
  drawn_columns_ = columns;
}

std::string Progress::bar_line() const {
  const double elapsed = seconds(), rate = elapsed > 0 ? static_cast<double>(done_) / elapsed : 0;
  std::string tail = total_ == 0 ? fmt::format("{}", done_) : fmt::format("{}/{}", done_, total_);
  if (rate > 0) tail += "  " + rate_text(rate);
  if (rate > 0 && done_ < total_) tail += fmt::format("  {} left", clock_text(static_cast<double>(total_ - done_) / rate));
  // Room for the longest tail, so that the bar keeps its length: both counts, a rate, the time left; gaps, brackets, the free last column.
  const std::size_t taken = columns_of(what_) + 2 * std::to_string(total_).size() + 28;
  if (total_ == 0 || style_.columns < taken + kShortestBar) return what_ + "  " + tail;
  const std::size_t length = std::min(kLongestBar, style_.columns - taken);
  const auto full =
      static_cast<std::size_t>(static_cast<double>(length) * static_cast<double>(std::min(done_, total_)) / static_cast<double>(total_));
  return fmt::format("{}  [{}{}]  {}", what_, std::string(full, '#'), std::string(length - full, '-'), tail);
}

std::string Progress::plain_line() const {
  const double rate = static_cast<double>(done_) / seconds();  // ten seconds have passed
  if (total_ == 0) return fmt::format("{}: {}, {}", what_, done_, rate_text(rate));
  std::string line = fmt::format("{}: {}/{}, {}", what_, done_, total_, rate_text(rate));
  if (rate > 0 && done_ < total_) line += fmt::format(", {} left", clock_text(static_cast<double>(total_ - done_) / rate));
  return line;
}

std::string Progress::last_line() const {
  const double elapsed = seconds();
  std::string line = fmt::format("{}: {} in {}", what_, counted(done_, unit_), duration_text(elapsed));
  if (elapsed > 0 && done_ > 0) line += fmt::format(" ({})", rate_text(static_cast<double>(done_) / elapsed));
  return line;
}

}  // namespace graft
