#include "graft/fit/lr_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/report/svg.h"

namespace graft::fit {
namespace {

using report::line_from, report::text_at;

constexpr double kWidth = 760, kHeight = 460, kLeft = 72, kRight = 736, kTop = 76, kBottom = 384;  // the last four: the frame of the plot
constexpr double kTickRoom = 64;                                                                   // between two ticks of the loss, at least

/// From the curve's numbers to places in the picture.
struct Axes {
  double first, last;            // decades
  double lowest, highest, tick;  // losses

  explicit Axes(const train::LrCurve& curve) {
    first = curve.points.empty() ? -5 : std::log10(curve.points.front().lr);
    last = curve.points.empty() ? 0 : std::max(std::log10(curve.points.back().lr), first + 1);
    if (curve.diverges > 0) last = std::max(last, std::log10(curve.diverges) + 0.25);  // so that there is a place for it
    double low = curve.start, high = curve.start;
    for (const train::LrPoint& p : curve.points) low = std::min(low, p.smoothed);
    // Before the loss grows without end its sweeps sway about a line that falls: as much room above the beginning as below it, or a third of it.
    const double room = std::max({curve.start - low, curve.start / 3, 1e-6});
    high += room, low -= room / 4;
    tick = std::pow(10, std::floor(std::log10(high - low)));
    for (const double part : {0.1, 0.2, 0.5})
      if ((high - low) / (tick * part) * kTickRoom <= kBottom - kTop) {
        tick *= part;
        break;
      }
    lowest = std::max(0.0, std::floor(low / tick) * tick);
    highest = std::ceil(high / tick) * tick;
  }
  double x(double lr) const { return kLeft + (std::log10(lr) - first) / (last - first) * (kRight - kLeft); }
  double y(double loss) const { return kBottom - (loss - lowest) / (highest - lowest) * (kBottom - kTop); }
};

std::string grid(const Axes& axes) {
  std::string svg;
  for (int decade = static_cast<int>(std::floor(axes.first)); decade <= static_cast<int>(std::ceil(axes.last)); ++decade)
    for (int digit = 1; digit < 10; ++digit) {
      const double x = axes.x(digit * std::pow(10, decade));
      if (x < kLeft - 0.5 || x > kRight + 0.5) continue;
      if (digit > 1) {
        svg += line_from(x, kBottom, x, kBottom + 4, "frame");
        continue;
      }
      svg += line_from(x, kTop, x, kBottom, "grid") + line_from(x, kBottom, x, kBottom + 8, "frame");
      svg += text_at(x, kBottom + 24, "middle", "", fmt::format("{:g}", std::pow(10, decade)));
    }
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(axes.tick) - 1e-9)));
  for (int i = 0; axes.lowest + i * axes.tick <= axes.highest + axes.tick / 2; ++i) {
    const double loss = axes.lowest + i * axes.tick, y = axes.y(loss);
    svg += line_from(kLeft, y, kRight, y, "grid") + text_at(kLeft - 8, y + 4.5, "end", "", fmt::format("{:.{}f}", loss, digits));
  }
  svg += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", kLeft, kTop, kRight - kLeft, kBottom - kTop);
  svg += text_at((kLeft + kRight) / 2, kBottom + 46, "middle", "", "learning rate (logarithmic)");
  return svg + fmt::format("<text transform=\"translate(20 {}) rotate(-90)\" text-anchor=\"middle\">training loss</text>\n", (kTop + kBottom) / 2);
}

std::string curves(const train::LrCurve& curve, const Axes& axes) {
  // Far beyond the frame is beyond the numbers that a reader of SVG must take.
  const auto place = [&](double loss) { return std::max(axes.y(std::min(loss, 1e6)), kTop - 1000); };
  std::string svg =
      fmt::format("<clipPath id=\"plot\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n<g clip-path=\"url(#plot)\">\n", kLeft,
                  kTop, kRight - kLeft, kBottom - kTop);
  if (curve.diverges > 0)
    svg += fmt::format("<rect class=\"beyond\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>\n", axes.x(curve.diverges), kTop,
                       kRight - axes.x(curve.diverges), kBottom - kTop);
  for (const std::vector<double>& sweep : curve.sweeps)
    for (std::size_t i = 0; i < std::min(sweep.size(), curve.points.size()); ++i)
      if (sweep[i] <= axes.highest)
        svg += fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\"/>\n", axes.x(curve.points[i].lr), place(sweep[i]));
  if (!curve.points.empty()) svg += "<path class=\"line\" d=\"";
  for (std::size_t i = 0; i < curve.points.size(); ++i)
    svg += fmt::format("{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L', axes.x(curve.points[i].lr), place(curve.points[i].smoothed));
  if (!curve.points.empty()) svg += "\"/>\n";
  return svg + "</g>\n";
}

std::string marks(const train::LrCurve& curve, const Axes& axes) {
  std::string svg;
  if (curve.suggestion > 0) {
    const double x = axes.x(curve.suggestion);
    const bool left = x > (kLeft + kRight) / 2;
    svg += line_from(x, kTop, x, kBottom, "mark");
    svg += text_at(left ? x - 8 : x + 8, kTop + 20, left ? "end" : "start", "marked", fmt::format("--lr {:.1e}", curve.suggestion));
  }
  if (curve.diverges > 0) svg += text_at(kRight - 6, kBottom - 10, "end", "marked", "diverges");
  const double y = kHeight - 12;
  svg += fmt::format("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"2.6\"/>\n", kLeft + 6, y - 4.5);
  svg += text_at(kLeft + 16, y, "start", "faint", fmt::format("a batch of one of {} sweeps", curve.sweeps.size()));
  svg += line_from(kLeft + 210, y - 4.5, kLeft + 238, y - 4.5, "line") + text_at(kLeft + 246, y, "start", "faint", "all of them, smoothed");
  return svg;
}

}  // namespace

std::string sentence_of(const train::LrCurve& curve) {
  const std::string end = curve.diverges > 0 ? fmt::format("from {:.1e} on the sweeps diverge", curve.diverges) : "no sweep diverges";
  switch (curve.answer) {
    case train::LrAnswer::clear:
      return fmt::format("start with --lr {:.1e}, where the loss has fallen by {:.0f} %; {}", curve.suggestion, 100 * curve.fall, end);
    case train::LrAnswer::learnt:
      return fmt::format("no clear answer: the loss is {:.3f} before the first step, and guessing has {:.3f}; {}", curve.start, curve.guessing, end);
    case train::LrAnswer::no_fall: return fmt::format("no clear answer: the loss never falls beyond chance; {}", end);
  }
  return {};
}

std::string lr_picture(const train::LrCurve& curve, const std::string& title) {
  const Axes axes(curve);
  const std::string says = sentence_of(curve);
  std::string svg = report::svg_head(kWidth, kHeight, title, says);
  svg += text_at(kLeft, 32, "start", "title", title) + text_at(kLeft, 56, "start", "faint", says);
  return svg + grid(axes) + curves(curve, axes) + marks(curve, axes) + "</svg>\n";
}

}  // namespace graft::fit
