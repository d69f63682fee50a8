#include "graft/trust/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"

namespace graft::trust {
namespace {

constexpr std::size_t kShownClasses = 20;  // of a table

bool holds(const Decision& decision, std::size_t k) { return std::ranges::find(*decision.set, static_cast<int>(k)) != decision.set->end(); }

/// Checks the sizes, and measures each class; has(photo, class).
template <class Has>
Coverage of_classes(const Sets& sets, std::span<const Decision> decisions, const Has& has) {
  Coverage found{.asked = sets.coverage, .found = 0, .interval = {}, .size = 0, .classes = {}};
  for (const Decision& decision : decisions) found.size += static_cast<double>(decision.set->size()) / static_cast<double>(decisions.size());
  for (std::size_t k = 0; k < sets.thresholds.size(); ++k) {
    Coverage::OfClass& of = found.classes.emplace_back(Coverage::OfClass{0, 0, 0});
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      if (!has(i, k)) continue;
      ++of.photos;
      of.covered += holds(decisions[i], k) ? 1 : 0;
      of.size += static_cast<double>(decisions[i].set->size());
    }
    if (of.photos > 0) of.size /= static_cast<double>(of.photos);
  }
  return found;
}

std::string percent(double part) { return fmt::format("{:.1f} %", 100 * part); }

nlohmann::ordered_json mean_json(const eval::Mean& mean) { return {{"mean", mean.mean}, {"interval", {mean.interval.low, mean.interval.high}}}; }

std::string mean_text(const eval::Mean& mean) {
  return fmt::format("{:.4g} (95 % interval {:.4g} to {:.4g})", mean.mean, mean.interval.low, mean.interval.high);
}

}  // namespace

Coverage measure_sets(data::SingleLabel /*task*/, const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions) {
  Coverage found = of_classes(sets, decisions, [&](std::size_t i, std::size_t k) { return static_cast<std::size_t>(truth.labels[i]) == k; });
  long covered = 0;
  for (const Coverage::OfClass& of : found.classes) covered += of.covered;
  found.found = static_cast<double>(covered) / static_cast<double>(decisions.size());
  found.interval = eval::wilson(covered, static_cast<long>(decisions.size()));
  return found;
}

Coverage measure_sets(data::MultiLabel /*task*/, const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions) {
  const std::size_t classes = sets.thresholds.size();
  const auto has = [&](std::size_t i, std::size_t k) { return truth.targets[i * classes + k] > 0.5F; };
  Coverage found = of_classes(sets, decisions, has);
  std::vector<double> parts;  // of the photos that have a class
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    double all = 0, held = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      if (!has(i, k)) continue;
      all += 1;
      held += holds(decisions[i], k) ? 1 : 0;
    }
    if (all > 0) parts.push_back(held / all);
  }
  if (parts.empty()) parts.push_back(1);  // nothing was there to be missed
  const eval::Mean mean = eval::mean_of(parts);
  found.found = mean.mean;
  found.interval = {std::max(0.0, mean.interval.low), std::min(1.0, mean.interval.high)};
  return found;
}

Coverage measure_sets(const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions) {
  return std::visit([&](const auto& task) { return measure_sets(task, sets, truth, decisions); }, truth.task);
}

CostFound measure_costs(const Costs& costs, std::span<const int> labels, std::span<const float> probabilities, std::span<const Decision> decisions) {
  std::vector<double> decided, plain, difference;
  double expected = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int best = eval::top_k(probabilities.subspan(i * costs.classes, costs.classes), 1).front().label;
    decided.push_back(costs.of(labels[i], decisions[i].classes.front()));
    plain.push_back(costs.of(labels[i], best));
    difference.push_back(decided.back() - plain.back());
    expected += decisions[i].cost.value_or(0) / static_cast<double>(labels.size());
  }
  return {eval::mean_of(decided), eval::mean_of(plain), eval::mean_of(difference), expected};
}

nlohmann::ordered_json to_json(const Coverage& c, std::span<const std::string> classes) {
  nlohmann::ordered_json of_classes = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < classes.size(); ++k)
    of_classes.push_back(
        {{"name", printable(classes[k])}, {"photos", c.classes[k].photos}, {"covered", c.classes[k].covered}, {"mean_size", c.classes[k].size}});
  return {{"coverage", c.asked},
          {"covered", c.found},
          {"interval", {c.interval.low, c.interval.high}},
          {"mean_size", c.size},
          {"classes", of_classes}};
}

nlohmann::ordered_json to_json(const CostFound& found) {
  return {{"by_costs", mean_json(found.decided)},
          {"most_probable", mean_json(found.plain)},
          {"difference", mean_json(found.difference)},
          {"expected", found.expected}};
}

std::string to_text(const Coverage& c, std::span<const std::string> classes) {
  std::string text = fmt::format("sets of {:.6g} %\ncovered            {} (95 % interval {:.1f} to {:.1f} %)\nclasses in a set   {:.2f} on average\n",
                                 100 * c.asked, percent(c.found), 100 * c.interval.low, 100 * c.interval.high, c.size);
  std::vector<std::size_t> shown;
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (c.classes[k].photos > 0) shown.push_back(k);
  const auto part = [&](std::size_t k) { return static_cast<double>(c.classes[k].covered) / static_cast<double>(c.classes[k].photos); };
  if (shown.size() > kShownClasses) {  // the worst ones
    std::ranges::stable_sort(shown, {}, part);
    shown.resize(kShownClasses);
  }
  std::vector<std::vector<std::string>> rows{{"class", "photos", "covered", "classes in a set"}};
  for (const std::size_t k : shown)
    rows.push_back({printable(classes[k]), with_commas(c.classes[k].photos), percent(part(k)), fmt::format("{:.2f}", c.classes[k].size)});
  return text + "\n" + eval::aligned(rows);
}

std::string to_text(const CostFound& found) {
  return fmt::format(
      "cost per photo\nby costs           {}\nmost probable      {}\ndifference         {}\nby its own probabilities the model expects {:.4g}\n",
      mean_text(found.decided), mean_text(found.plain), mean_text(found.difference), found.expected);
}

}  // namespace graft::trust
