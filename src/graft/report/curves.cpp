#include "graft/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "graft/report/svg.h"

namespace graft::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kWidth = 460, kLeft = 62, kRight = 444, kPanel = 128, kBetween = 46, kTop = 62, kBelow = 44;

struct Series {
  const char* name;
  const char* kind;  // class of its line
  std::vector<std::optional<double>> values;
};

struct Panel {
  const char* title;
  std::vector<Series> series;
  bool from_zero;
};

struct Picture {
  std::string title, says, below;  // below: what x is
  std::vector<double> x;
  bool logarithmic;
  double mark;  // x of what was taken
  std::vector<Panel> panels;
};

std::vector<std::optional<double>> column(const Json& rows, const char* key) {
  std::vector<std::optional<double>> values;
  for (const Json& row : rows) {
    const auto found = row.find(key);
    const bool number = found != row.end() && found->is_number() && std::isfinite(found->get<double>());
    values.push_back(number ? std::optional(found->get<double>()) : std::nullopt);
  }
  return values;
}

/// The whole steps of 1, 2 or 5 times a power of ten that divide so long a way into at most `most` parts.
double step_of(double way, int most) {
  const double power = std::pow(10, std::floor(std::log10(way / most)));
  for (const double times : {1.0, 2.0, 5.0})
    if (way <= power * times * most * (1 + 1e-9)) return power * times;
  return power * 10;
}

/// From numbers to places: y of one panel, x of all.
struct Scale {
  double low, high, step, top;

  Scale(const Panel& panel, double top) : top(top) {
    std::optional<double> least, most;
    double first = 0;
    for (const Series& s : panel.series)
      for (const auto& v : s.values) {
        if (!v) continue;
        if (!least) first = std::abs(*v);
        least = std::min(least.value_or(*v), *v), most = std::max(most.value_or(*v), *v);
      }
    low = panel.from_zero ? 0 : least.value_or(0);
    high = most.value_or(1);
    if (panel.from_zero && first > 0) high = std::min(high, 4 * first);
    if (high - low < 1e-9 * std::max(1.0, std::abs(high)) || high <= 0) {
      const double room = high > 0 ? high / 10 : 1;
      if (panel.from_zero) high += room, low = 0;
      else low -= room;  // an accuracy of 1 stays at the top
    }
    step = step_of(high - low, 4);
    low = std::floor(low / step + 1e-9) * step, high = std::ceil(high / step - 1e-9) * step;
  }
  double y(double value) const { return top + kPanel - (std::clamp(value, low - (high - low), high + (high - low)) - low) / (high - low) * kPanel; }
};

double x_of(const Picture& picture, double x) {
  const auto place = [&](double value) { return picture.logarithmic ? std::log10(value) : value; };
  const double first = place(picture.x.front()), last = place(picture.x.back());
  return last == first ? (kLeft + kRight) / 2 : kLeft + (place(x) - first) / (last - first) * (kRight - kLeft);
}

std::string x_ticks(const Picture& picture, double y) {
  std::string svg;
  const double first = picture.x.front(), last = picture.x.back();
  if (picture.logarithmic) {
    for (int decade = static_cast<int>(std::ceil(std::log10(first) - 1e-9)); decade <= std::log10(last) + 1e-9; ++decade)
      svg += text_at(x_of(picture, std::pow(10, decade)), y, "middle", "", fmt::format("{:g}", std::pow(10, decade)));
    return svg;
  }
  const double step = std::max(1.0, step_of(std::max(last - first, 1.0), 8));
  for (double x = std::ceil(first / step) * step; x <= last; x += step) svg += text_at(x_of(picture, x), y, "middle", "", fmt::format("{:g}", x));
  return svg;
}

std::string grid(const Scale& scale) {
  std::string svg;
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(scale.step) - 1e-9)));
  for (int i = 0; scale.low + i * scale.step <= scale.high + scale.step / 2; ++i) {
    const double value = scale.low + i * scale.step, y = scale.y(value);
    svg += line_from(kLeft, y, kRight, y, "grid");
    svg += text_at(kLeft - 8, y + 4.5, "end", "", digits > 4 ? fmt::format("{:.0e}", value) : fmt::format("{:.{}f}", value, digits));
  }
  return svg;
}

/// A line through the numbers that are there, each also a dot that says its values.
std::string drawn(const Picture& picture, const Series& series, const Scale& scale) {
  std::string path, dots;
  bool pen_down = false;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (!series.values[i]) {
      pen_down = false;
      continue;
    }
    const double x = x_of(picture, picture.x[i]), y = scale.y(*series.values[i]);
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? 'L' : 'M', x, y);
    pen_down = true;
    dots += fmt::format(
        "<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" data-series=\"{}\" data-x=\"{:g}\" data-value=\"{}\"><title>{} {:g}: {} "
        "{:.4g}</title></circle>\n",
        x, y, series.values.size() > 60 ? 1.2 : 2.6, xml(series.name), picture.x[i], *series.values[i], xml(picture.below), picture.x[i],
        xml(series.name), *series.values[i]);
  }
  return path.empty() ? "" : fmt::format("<path class=\"{}\" d=\"{}\"/>\n", series.kind, path) + dots;
}

/// "— training  - - validation" behind the panel's title.
std::string legend(const Panel& panel, double y) {
  std::string svg;
  double x = kRight;
  for (auto s = panel.series.rbegin(); s != panel.series.rend() && panel.series.size() > 1; ++s) {
    svg += text_at(x, y, "end", "faint", s->name);
    x -= 7.2 * static_cast<double>(std::string_view(s->name).size()) + 8;
    svg += line_from(x - 26, y - 4.5, x, y - 4.5, s->kind);
    x -= 42;
  }
  return svg;
}

std::string drawn(const Picture& picture) {
  const double bottom = kTop + static_cast<double>(picture.panels.size()) * (kPanel + kBetween) - kBetween;
  std::string svg = svg_head(kWidth, bottom + kBelow + 16, picture.title, picture.says);
  svg += text_at(16, 28, "start", "title", shortened(picture.title, 44));
  for (std::size_t i = 0; i < picture.panels.size(); ++i) {
    const Panel& panel = picture.panels[i];
    const double top = kTop + 10 + static_cast<double>(i) * (kPanel + kBetween);
    const Scale scale(panel, top);
    svg += text_at(16, top - 12, "start", "", panel.title) + legend(panel, top - 12) + grid(scale);
    if (picture.mark > 0) svg += line_from(x_of(picture, picture.mark), top, x_of(picture, picture.mark), top + kPanel, "mark");
    svg += fmt::format(
        "<clipPath id=\"panel{0}\"><rect x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"{4}\"/></clipPath>\n<g clip-path=\"url(#panel{0})\">\n", i,
        kLeft - 4, top - 4, kRight - kLeft + 8, kPanel + 8);
    for (const Series& series : panel.series) svg += drawn(picture, series, scale);
    svg += "</g>\n";
  }
  return svg + x_ticks(picture, bottom + 30) + text_at((kLeft + kRight) / 2, bottom + 50, "middle", "faint", picture.below) + "</svg>\n";
}

std::vector<double> positions(const Json& rows, const char* key) {
  std::vector<double> x;
  for (const auto& value : column(rows, key)) x.push_back(value.value_or(0));
  return x;
}

std::string of_epochs(const Json& phase, const std::string& name) {
  const Json& epochs = phase.at("epochs");
  Picture picture{.title = name, .says = {}, .below = "epoch", .x = positions(epochs, "epoch"), .logarithmic = false, .mark = 0, .panels = {}};
  if (phase.contains("kept_epoch")) picture.mark = phase["kept_epoch"].get<double>();
  picture.says = fmt::format("Loss, accuracy and learning rate over {} epochs; the weights are those of epoch {:g}.", epochs.size(), picture.mark);
  picture.panels.push_back(
      {"loss", {{"training", "line", column(epochs, "train_loss")}, {"validation", "second", column(epochs, "val_loss")}}, true});
  picture.panels.push_back(
      {"accuracy", {{"training", "line", column(epochs, "train_accuracy")}, {"validation", "second", column(epochs, "val_accuracy")}}, false});
  picture.panels.push_back({"learning rate", {{"learning rate", "line", column(epochs, "lr")}}, true});
  return drawn(picture);
}

std::string of_path(const Json& phase, const std::string& name) {
  Json path = phase.at("cross_validation").at("path");
  std::sort(path.begin(), path.end(), [](const Json& a, const Json& b) { return a.at("l2") < b.at("l2"); });
  Picture picture{.title = name,
                  .says = {},
                  .below = "strength of the L2 penalty",
                  .x = positions(path, "l2"),
                  .logarithmic = true,
                  .mark = phase.value("l2", 0.0),
                  .panels = {}};
  if (picture.x.front() <= 0) return "";
  picture.mark = picture.mark < picture.x.front() || picture.mark > picture.x.back() ? 0 : picture.mark;
  picture.says =
      fmt::format("Cross-validated log loss and accuracy of a new last layer over the strength of its L2 penalty; {:g} was chosen.", picture.mark);
  picture.panels.push_back({"cross-validated log loss", {{"log loss", "line", column(path, "log_loss")}}, false});
  picture.panels.push_back({"cross-validated accuracy", {{"accuracy", "line", column(path, "accuracy")}}, false});
  return drawn(picture);
}

}  // namespace

std::string curves_svg(const Json& history, const std::string& name) {
  const auto phases = history.find("phases");
  if (phases == history.end() || !phases->is_array() || phases->empty()) return "";
  const Json& last = phases->back();
  if (last.contains("epochs") && last["epochs"].is_array() && !last["epochs"].empty()) return of_epochs(last, name);
  if (!last.contains("cross_validation") || !last["cross_validation"].is_object()) return "";
  const auto path = last["cross_validation"].find("path");
  return path != last["cross_validation"].end() && path->is_array() && path->size() > 1 ? of_path(last, name) : "";
}

}  // namespace graft::report
