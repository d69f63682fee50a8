#include "graft/report/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "graft/base/text.h"
#include "graft/report/svg.h"

namespace graft::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostClasses = 24, kMostLetters = 16;
constexpr double kHeadRoom = 70, kLetter = 7.4, kRoom = 16;

struct Table {
  std::vector<std::string> names;
  std::vector<std::vector<long>> counts;  // (true, predicted)

  long row_sum(std::size_t i) const { return std::accumulate(counts[i].begin(), counts[i].end(), 0L); }
};

/// Those that are drawn, ascending: all, or those with most mistakes, given and received.
std::vector<std::size_t> shown(const Table& table) {
  std::vector<std::size_t> order(table.names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() <= kMostClasses) return order;
  std::vector<long> mistakes(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < order.size(); ++j)
      if (i != j) mistakes[i] += table.counts[i][j], mistakes[j] += table.counts[i][j];
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return mistakes[i]; });
  order.resize(kMostClasses);
  std::ranges::sort(order);
  return order;
}

std::string cell(const Table& table, std::size_t i, std::size_t j, double x, double y, double size) {
  const long count = table.counts[i][j], all = table.row_sum(i);
  const double part = all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
  const std::string says = fmt::format("{} taken for {}: {} of {}", table.names[i], table.names[j], count, all);
  std::string svg =
      fmt::format("<g class=\"cell\" data-true=\"{}\" data-predicted=\"{}\" data-count=\"{}\"><title>{}</title>", i, j, count, xml(says));
  // A single mistake among many photos is to be seen, too.
  const double depth = count == 0 ? 0 : std::max(part, 0.08);
  svg += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill-opacity=\"{:.3f}\"/>",
                     i == j ? "right" : "wrong", x, y, size, size, depth);
  if (count > 0) svg += text_at(x + size / 2, y + size / 2 + 4.5, "middle", depth > 0.55 ? "onfull" : "", with_commas(count));
  return svg + "</g>\n";
}

std::string drawn(const Table& table, const std::string& name) {
  const std::vector<std::size_t> classes = shown(table);
  std::size_t longest = 6;
  long most = 0;
  for (const std::size_t i : classes) {
    longest = std::max(longest, std::min(kMostLetters, table.names[i].size()));
    for (const std::size_t j : classes) most = std::max(most, table.counts[i][j]);
  }
  const double size = std::max(classes.size() <= 6 ? 56.0 : 34.0, 12 + kLetter * static_cast<double>(with_commas(most).size()));
  const double left = kRoom + 14 + kLetter * static_cast<double>(longest), n = static_cast<double>(classes.size());
  const bool upright = kLetter * static_cast<double>(longest) < size;  // the names above the columns fit side by side
  const double top = kHeadRoom + (upright ? 12 : kLetter * 0.72 * static_cast<double>(longest) + 8);
  const double tail = upright ? kRoom : kRoom + kLetter * 0.72 * static_cast<double>(longest);
  const double width = std::max(left + n * size + tail, 300.0);
  std::string says = fmt::format("Rows are true classes, columns are the model's answers.");
  if (classes.size() < table.names.size()) says += fmt::format(" The {} of {} classes with the most mistakes.", classes.size(), table.names.size());
  std::string svg = svg_head(width, top + n * size + kRoom, name, says);
  svg += text_at(kRoom, 28, "start", "title", shortened(name, static_cast<std::size_t>(width / 9.6)));
  svg += text_at(kRoom, 48, "start", "faint",
                 classes.size() < table.names.size() ? fmt::format("true \\ predicted, {} of {} classes", classes.size(), table.names.size())
                                                     : "true \\ predicted");
  for (std::size_t a = 0; a < classes.size(); ++a) {
    const std::string label = shortened(table.names[classes[a]], kMostLetters);
    const double at = static_cast<double>(a) * size;
    svg += text_at(left - 8, top + at + size / 2 + 4.5, "end", "", label);
    if (upright) svg += text_at(left + at + size / 2, top - 8, "middle", "", label);
    else svg += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-45)\">{}</text>\n", left + at + size / 2 + 4, top - 6, xml(label));
    for (std::size_t b = 0; b < classes.size(); ++b) svg += cell(table, classes[a], classes[b], left + static_cast<double>(b) * size, top + at, size);
  }
  return svg + "</svg>\n";
}

}  // namespace

std::string confusion_svg(const Json& evaluation, const std::string& name) {
  const auto classes = evaluation.find("classes"), confusion = evaluation.find("confusion");
  if (classes == evaluation.end() || confusion == evaluation.end() || !confusion->is_array() || classes->empty() ||
      confusion->size() != classes->size())
    return "";
  Table table;
  for (const Json& row : *classes) table.names.push_back(row.at("name").get<std::string>());
  for (const Json& row : *confusion) table.counts.push_back(row.get<std::vector<long>>());
  for (const auto& row : table.counts)
    if (row.size() != table.names.size()) return "";
  return drawn(table, name);
}

}  // namespace graft::report
