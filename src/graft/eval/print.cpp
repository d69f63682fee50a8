#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string pad(std::string_view text, std::size_t width, bool right) {
  const std::string spaces(width - std::min(width, code_points(text)), ' ');
  return right ? spaces + std::string(text) : std::string(text) + spaces;
}

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t names) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], code_points(row[c]));
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) out += (c == 0 ? "" : "  ") + pad(row[c], widths[c], c >= names);
    out += '\n';
  }
  return out;
}

std::string whole_groups(const Intervals& intervals) {
  return intervals.drawn.starts_with("groups") ? "intervals by resampling whole groups: photos of one group are not independent of each other\n" : "";
}

std::string percent(double part) { return fmt::format("{:.1f} %", 100 * part); }

namespace {

double share_of(long part, long whole) { return static_cast<double>(part) / static_cast<double>(whole); }

constexpr std::size_t kTitle = 17;  // columns

std::string summary(const Evaluation& e) {
  const AnyEvaluation any = e;
  const Interval accuracy = interval_of(any, "accuracy").value_or(e.accuracy_interval);
  const auto line = [&](std::string_view name) { return number_line(any, name, kTitle); };
  std::string out = fmt::format("accuracy           {} ({} of {}; 95 % interval {:.1f} to {:.1f} %)\n", percent(e.accuracy), with_commas(e.right),
                                with_commas(e.count), 100 * accuracy.low, 100 * accuracy.high);
  const ClassScore& largest = largest_class(e);
  out += fmt::format("{:<17}  {}, the largest class each time\n", "always " + printable(largest.name), percent(share_of(largest.support, e.count)));
  if (e.top > 0) out += fmt::format("{:<17}  {}\n", fmt::format("top-{} accuracy", e.top), line("top-k").substr(kTitle + 2));
  out += line("balanced-accuracy");
  if (const double times = unevenness(e); times >= kUneven) out += fmt::format(", every class alike: their sizes differ by {:.1f} times", times);
  for (const char* name : {"macro-f1", "auroc", "log-loss", "ece"}) out += "\n" + line(name);
  return out + "\n" + whole_groups(e.numbers.intervals);
}

std::string class_table(const Evaluation& e, std::span<const std::size_t> shown) {
  std::vector<std::vector<std::string>> rows{{"class", "photos", "predicted", "right", "precision", "recall", "F1"}};
  const auto number = [](double value, bool defined) { return defined ? fmt::format("{:.3f}", value) : std::string("-"); };
  for (const std::size_t k : shown) {
    const ClassScore& c = e.classes[k];
    rows.push_back({printable(c.name), with_commas(c.support), with_commas(c.predicted), with_commas(c.right), number(c.precision, c.predicted > 0),
                    number(c.recall, c.support > 0), number(c.f1, c.support + c.predicted > 0)});
  }
  return aligned(rows);
}

std::string matrix(const Evaluation& e) {
  std::vector<std::vector<std::string>> rows{{"true \\ predicted"}};
  for (const ClassScore& c : e.classes) rows[0].push_back(printable(c.name));
  for (std::size_t k = 0; k < e.classes.size(); ++k) {
    auto& row = rows.emplace_back(1, printable(e.classes[k].name));
    for (std::size_t j = 0; j < e.classes.size(); ++j) row.push_back(with_commas(e.confusion[k * e.classes.size() + j]));
  }
  return aligned(rows);
}

/// Classes by F1, the lowest first; classes without support and prediction say nothing and are left out.
std::vector<std::size_t> weakest(const Evaluation& e) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < e.classes.size(); ++k)
    if (e.classes[k].support + e.classes[k].predicted > 0) order.push_back(k);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return e.classes[a].f1 < e.classes[b].f1; });
  order.resize(std::min(order.size(), kWeakest));
  return order;
}

std::string most_confused(const Evaluation& e) {
  const std::size_t classes = e.classes.size();
  std::vector<std::size_t> cells;
  for (std::size_t cell = 0; cell < e.confusion.size(); ++cell)
    if (e.confusion[cell] > 0 && cell / classes != cell % classes) cells.push_back(cell);
  std::stable_sort(cells.begin(), cells.end(), [&](std::size_t a, std::size_t b) { return e.confusion[a] > e.confusion[b]; });
  cells.resize(std::min(cells.size(), kWeakest));
  if (cells.empty()) return {};
  std::vector<std::vector<std::string>> rows{{"true", "predicted", "photos"}};
  for (const std::size_t cell : cells)
    rows.push_back({printable(e.classes[cell / classes].name), printable(e.classes[cell % classes].name), with_commas(e.confusion[cell])});
  return fmt::format("\nmost confused pairs\n{}", aligned(rows, 2));
}

}  // namespace

nlohmann::json to_json(const Evaluation& e) {
  const ClassScore& largest = largest_class(e);
  nlohmann::json json = {{"count", e.count},
                         {"right", e.right},
                         {"accuracy_interval", {e.accuracy_interval.low, e.accuracy_interval.high}},
                         {"largest_class", {{"name", printable(largest.name)}, {"accuracy", share_of(largest.support, e.count)}}},
                         {"classes", nlohmann::json::array()},
                         {"confusion", nlohmann::json::array()}};
  add_numbers(data::SingleLabel{}, e.numbers, json);
  if (e.top > 0) json["top"] = e.top;
  if (e.top == kTop) json["top5"] = json["top_k"];
  const std::size_t classes = e.classes.size();
  for (std::size_t k = 0; k < classes; ++k) {
    const ClassScore& c = e.classes[k];
    add_class_numbers(e.numbers, k,
                      json["classes"].emplace_back(
                          nlohmann::json{{"name", printable(c.name)}, {"support", c.support}, {"predicted", c.predicted}, {"right", c.right}}));
    const auto row = std::span(e.confusion).subspan(k * classes, classes);
    json["confusion"].push_back(std::vector<long>(row.begin(), row.end()));
  }
  return json;
}

std::string to_table(const Evaluation& e) {
  std::vector<std::size_t> all(e.classes.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (all.size() <= kWholeTable) return fmt::format("{}\n{}\n{}", summary(e), class_table(e, all), matrix(e));
  const std::vector<std::size_t> worst = weakest(e);
  return fmt::format("{}\nweakest {} of {} classes\n{}{}", summary(e), worst.size(), all.size(), class_table(e, worst), most_confused(e));
}

}  // namespace graft::eval
