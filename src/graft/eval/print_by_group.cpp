#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"
#include "graft/eval/by_group.h"

namespace graft::eval {
namespace {

const char* name_of(GapKind kind) {
  switch (kind) {
    case GapKind::accuracy: return "accuracy_difference";
    case GapKind::balanced_accuracy: return "balanced_accuracy_difference";
    case GapKind::calibration: return "calibration_difference";
    case GapKind::demographic_parity: return "demographic_parity_difference";
    case GapKind::equalised_odds: break;
  }
  return "equalized_odds_difference";
}

std::string title_of(const Gap& gap) {
  switch (gap.kind) {
    case GapKind::accuracy: return "accuracy";
    case GapKind::balanced_accuracy: return "balanced accuracy";
    case GapKind::calibration: return "calibration error";
    case GapKind::demographic_parity: return "demographic parity" + (gap.of.empty() ? "" : ", answers " + printable(gap.of));
    case GapKind::equalised_odds: break;
  }
  return "equalized odds" + (gap.of.empty() ? "" : ", " + printable(gap.of));
}

std::string range(Interval interval) { return fmt::format("{:.1f} to {:.1f}", 100 * interval.low, 100 * interval.high); }
std::string range(const std::optional<Interval>& interval) { return interval ? range(*interval) : "-"; }
std::string points(double part) { return fmt::format("{:.1f}", 100 * part); }

nlohmann::ordered_json to_json(const std::optional<Interval>& interval) {
  return interval ? nlohmann::ordered_json{interval->low, interval->high} : nlohmann::ordered_json();
}

nlohmann::ordered_json to_json(const Proportion& p) {
  if (p.whole == 0) return nullptr;
  return {{"value", p.value()}, {"part", std::lround(p.part)}, {"of", std::lround(p.whole)}, {"interval", to_json(std::optional(wilson(p)))}};
}

nlohmann::ordered_json to_json(const GroupScore& g, std::span<const std::string> classes) {
  nlohmann::ordered_json json{{"name", g.name}, {"photos", g.photos}, {"compared", g.compared}};
  if (g.photos == 0) return json;
  json["accuracy"] = to_json(g.accuracy);
  json["balanced_accuracy"] = {{"value", g.balanced_accuracy}, {"interval", to_json(g.balanced_interval)}};
  json["ece"] = {{"value", g.ece}, {"interval", to_json(g.ece_interval)}};
  json["mean_confidence"] = g.confidence;
  json["mean_right"] = g.hits;
  json["classes"] = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < classes.size(); ++k)
    json["classes"].push_back({{"name", printable(classes[k])},
                               {"recall", to_json(g.classes[k].recall)},
                               {"false_positive_rate", to_json(g.classes[k].false_alarms)},
                               {"share_of_answers", to_json(g.classes[k].answers)}});
  return json;
}

nlohmann::ordered_json to_json(const ByAttribute& a, std::span<const std::string> classes) {
  nlohmann::ordered_json json{{"attribute", a.name}, {"crossed", a.crossed}, {"groups", nlohmann::ordered_json::array()}};
  for (const GroupScore& group : a.groups) json["groups"].push_back(to_json(group, classes));
  if (a.worst) json["worst_group"] = a.groups[*a.worst].name;
  if (a.worst_class) {
    const GroupScore& group = a.groups[a.worst_class->group];
    json["worst_class_in_group"] = {{"group", group.name},
                                    {"class", printable(classes[a.worst_class->which])},
                                    {"recall", to_json(group.classes[a.worst_class->which].recall)}};
  }
  json["gaps"] = nlohmann::ordered_json::array();
  for (const Gap& gap : a.gaps) {
    json["gaps"].push_back(
        {{"name", name_of(gap.kind)}, {"value", gap.size}, {"highest", a.groups[gap.high].name}, {"lowest", a.groups[gap.low].name}});
    nlohmann::ordered_json& last = json["gaps"].back();
    if (!gap.of.empty()) last["of"] = printable(gap.of);
    last.update({{"interval", to_json(gap.interval)}, {"p", gap.p}, {"p_holm", gap.adjusted}, {"within_chance", gap.by_chance()}});
  }
  return json;
}

std::string group_table(const ByAttribute& a) {
  std::vector<std::vector<std::string>> rows{{a.name, "photos", "accuracy", "95 %", "balanced", "95 %", "ECE", "95 %", "confidence"}};
  for (const GroupScore& g : a.groups) {
    if (g.photos == 0 || (a.crossed && !g.compared)) continue;
    rows.push_back({g.name + (g.compared ? "" : " *"), with_commas(g.photos), points(g.accuracy.value()), range(wilson(g.accuracy)),
                    points(g.balanced_accuracy), range(g.balanced_interval), points(g.ece), range(g.ece_interval), points(g.confidence)});
  }
  return aligned(rows);
}

/// Of the classes' rates those of the groups that are compared: all, or where they are many those of the lowest recall.
std::string class_table(const ByAttribute& a, std::span<const std::string> classes) {
  struct Cell {
    const GroupScore* group;
    std::size_t which;
  };
  std::vector<Cell> cells;
  for (std::size_t k = 0; k < classes.size(); ++k)
    for (const GroupScore& g : a.groups)
      if (g.compared) cells.push_back({&g, k});
  std::string title;
  if (cells.size() > kWholeTable) {
    title = fmt::format("the {} of {} with the lowest recall\n", kWeakest, cells.size());
    std::erase_if(cells, [](const Cell& c) { return c.group->classes[c.which].recall.whole < double{kFewestOfClass}; });
    std::ranges::stable_sort(cells, {}, [](const Cell& c) { return c.group->classes[c.which].recall.value(); });
    cells.resize(std::min(cells.size(), kWeakest));
  }
  const auto shown = [](const Proportion& p, bool whole) { return p.whole == 0 ? std::string("-") : whole ? range(wilson(p)) : points(p.value()); };
  std::vector<std::vector<std::string>> rows{{"class", a.name, "photos", "recall", "95 %", "false alarms", "95 %", "answers", "95 %"}};
  for (const auto& [group, which] : cells) {
    const GroupClass& c = group->classes[which];
    rows.push_back({printable(classes[which]), group->name, with_commas(std::lround(c.recall.whole)), shown(c.recall, false), shown(c.recall, true),
                    shown(c.false_alarms, false), shown(c.false_alarms, true), shown(c.answers, false), shown(c.answers, true)});
  }
  return title + aligned(rows, 2);
}

std::string gap_table(const ByAttribute& a) {
  std::vector<std::vector<std::string>> rows{{"largest difference", "highest", "lowest", "points", "95 %", "p", "verdict"}};
  for (const Gap& gap : a.gaps)
    rows.push_back({title_of(gap), a.groups[gap.high].name, a.groups[gap.low].name, points(gap.size), range(gap.interval),
                    gap.adjusted < 0.001 ? "<0.001" : fmt::format("{:.3f}", gap.adjusted), gap.by_chance() ? "within chance" : "beyond chance"});
  return aligned(rows, 3);
}

std::string worst_lines(const ByAttribute& a, std::span<const std::string> classes) {
  std::string text;
  if (a.worst) {
    const GroupScore& g = a.groups[*a.worst];
    text += fmt::format("worst group: {}, accuracy {} ({} of {}; 95 % interval {} %)\n", g.name, percent(g.accuracy.value()),
                        with_commas(std::lround(g.accuracy.part)), with_commas(std::lround(g.accuracy.whole)), range(wilson(g.accuracy)));
  }
  if (a.worst_class) {
    const GroupScore& g = a.groups[a.worst_class->group];
    const Proportion& recall = g.classes[a.worst_class->which].recall;
    text +=
        fmt::format("worst class in a group: {} in {}, recall {} ({} of {}; 95 % interval {} %)\n", printable(classes[a.worst_class->which]), g.name,
                    percent(recall.value()), with_commas(std::lround(recall.part)), with_commas(std::lround(recall.whole)), range(wilson(recall)));
  }
  return text;
}

std::string to_table(const ByAttribute& a, const ByGroup& all) {
  std::string text = fmt::format("{}by {}\n{}", &a == &all.attributes.front() ? "" : "\n", a.name, group_table(a));
  if (std::ranges::any_of(a.groups, [&](const GroupScore& g) { return !g.compared && g.photos > 0 && !a.crossed; }))
    text += fmt::format("* fewer than {} photos: not compared\n", all.fewest);
  if (a.gaps.empty()) return text + fmt::format("fewer than two groups with {} photos: nothing is compared\n", all.fewest);
  text += "\n" + class_table(a, all.classes) + "\n" + gap_table(a);
  return text + worst_lines(a, all.classes);
}

}  // namespace

nlohmann::ordered_json to_json(const ByGroup& groups) {
  nlohmann::ordered_json json{{"group_size", groups.fewest}, {"class_size", kFewestOfClass}, {"attributes", nlohmann::ordered_json::array()}};
  for (const ByAttribute& attribute : groups.attributes) json["attributes"].push_back(to_json(attribute, groups.classes));
  return json;
}

std::string worst_of(const ByGroup& groups) {
  std::string text;
  for (const ByAttribute& attribute : groups.attributes) {
    const std::string lines = worst_lines(attribute, groups.classes);
    text += lines.empty() ? fmt::format("by {}: too few photos in each group\n", attribute.name) : fmt::format("by {}\n{}", attribute.name, lines);
  }
  return text;
}

std::string to_table(const ByGroup& groups) {
  std::string text;
  for (const ByAttribute& attribute : groups.attributes) text += to_table(attribute, groups);
  return text;
}

}  // namespace graft::eval
