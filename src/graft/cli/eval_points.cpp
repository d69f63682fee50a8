#include "graft/cli/eval_points.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/terminal.h"
#include "graft/eval/aligned.h"
#include "graft/eval/operating_point.h"

namespace graft::cli {
namespace {

struct Asked {
  std::string word, name;  // "--at-recall ants=0.95"
  double number;
};

/// A class may have = in its name, a number has none.
Asked read_point(const std::string& option, const std::string& word, bool zero) {
  const std::string whole = fmt::format("{} {}", option, printable(word));
  const std::size_t at = word.rfind('=');
  const auto number = at == std::string::npos ? std::nullopt : number_in<double>(std::string_view(word).substr(at + 1));
  if (!number || at == 0) throw usage_error(whole, "expected CLASS=NUMBER", fmt::format("write {} ants=0.95", option));
  if (!(*number <= 1 && (zero ? *number >= 0 : *number > 0)))
    throw usage_error(whole, fmt::format("{} is out of range, expected {} and at most 1", *number, zero ? "at least 0" : "more than 0"));
  return {whole, word.substr(0, at), *number};
}

std::size_t class_of(const Asked& asked, const std::vector<std::string>& names) {
  const auto found = std::ranges::find(names, asked.name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto near = closest(asked.name, names);
  throw usage_error(asked.word, fmt::format("the model has no class '{}', expected one of {}", printable(asked.name), first_few(names)),
                    near ? fmt::format("did you mean {}?", *near) : "");
}

std::string cell(const eval::Rate& rate) {
  if (rate.whole == 0) return "-";
  return fmt::format("{:.1f} % ({} of {}{})", 100.0 * static_cast<double>(rate.part) / static_cast<double>(rate.whole), with_commas(rate.part),
                     with_commas(rate.whole),
                     rate.interval ? fmt::format("; {:.1f} to {:.1f} %", 100 * rate.interval->low, 100 * rate.interval->high) : "");
}

nlohmann::ordered_json json_of(const eval::Rate& rate) {
  using Json = nlohmann::ordered_json;
  return {{"value", rate.whole == 0 ? Json() : Json(static_cast<double>(rate.part) / static_cast<double>(rate.whole))},
          {"part", rate.part},
          {"whole", rate.whole},
          {"interval", rate.interval ? Json{rate.interval->low, rate.interval->high} : Json()}};
}

EvalSection section_of(const std::vector<eval::OperatingPoint>& points, const std::vector<std::string>& names) {
  EvalSection section{"operating_points", nlohmann::ordered_json::array(), ""};
  std::vector<std::vector<std::string>> rows{{"class", "from", "sensitivity", "specificity", "precision"}};
  std::vector<std::string> again;
  for (const eval::OperatingPoint& p : points) {
    rows.push_back({printable(names[p.label]), fmt::format("{}", p.threshold), cell(p.sensitivity), cell(p.specificity), cell(p.precision)});
    if (p.asked_recall) again.push_back(fmt::format("--at-threshold '{}={}'", printable(names[p.label]), p.threshold));
    section.json.push_back({{"class", printable(names[p.label])},
                            {"threshold", p.threshold},
                            {"asked_recall", p.asked_recall ? nlohmann::ordered_json(*p.asked_recall) : nlohmann::ordered_json()},
                            {"threshold_from", p.asked_recall ? "these photos, which makes it optimistic" : "given"},
                            {"sensitivity", json_of(p.sensitivity)},
                            {"specificity", json_of(p.specificity)},
                            {"precision", json_of(p.precision)}});
  }
  section.text = "each class against the others, predicted from this probability on\n" + eval::aligned(rows);
  if (!again.empty())
    section.text += wrapped(fmt::format(
        "the threshold is the highest that finds as many of these same photos, which makes all three optimistic: measure other photos with {}",
        fmt::join(again, " ")));
  return section;
}

}  // namespace

void check_points(const std::vector<std::string>& recalls, const std::vector<std::string>& thresholds, const std::vector<std::string>& names) {
  for (const std::string& word : recalls) class_of(read_point("--at-recall", word, false), names);
  for (const std::string& word : thresholds) class_of(read_point("--at-threshold", word, true), names);
}

std::optional<EvalSection> points_section(const std::vector<std::string>& recalls, const std::vector<std::string>& thresholds,
                                          const LabelledAnswers& answers) {
  if (recalls.empty() && thresholds.empty()) return std::nullopt;
  const std::vector<std::string>& names = answers.card.labels;
  const std::vector<std::string> groups = answers.groups();
  std::vector<eval::OperatingPoint> points;
  for (const std::string& word : recalls) {
    const Asked asked = read_point("--at-recall", word, false);
    points.push_back(eval::point_at_recall(answers.truth(), answers.probabilities, names, class_of(asked, names), asked.number, {.groups = groups}));
  }
  for (const std::string& word : thresholds) {
    const Asked asked = read_point("--at-threshold", word, true);
    points.push_back(eval::point_at_threshold(answers.truth(), answers.probabilities, names.size(), class_of(asked, names),
                                              static_cast<float>(asked.number), {.groups = groups}));
  }
  return section_of(points, names);
}

}  // namespace graft::cli
