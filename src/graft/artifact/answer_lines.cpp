#include "graft/artifact/answer_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/data/task_labels.h"
#include "graft/eval/scores.h"

namespace graft::artifact {
namespace {

using Row = std::span<const float>;

const std::string& name_of(const eval::Ranked& ranked, const LineOptions& o) { return o.names[static_cast<std::size_t>(ranked.label)]; }

std::vector<std::string> names_of(std::span<const int> classes, const LineOptions& o) {
  std::vector<std::string> names;
  for (const int k : classes) names.push_back(o.names[static_cast<std::size_t>(k)]);
  return names;
}

std::string joined(std::span<const int> classes, const LineOptions& o) { return data::joined_names(classes, o.names); }

/// 0.9 is "90 %", 0.999 is "99.9 %".
std::string percent_of(double part) { return fmt::format("{:.6g} %", 100 * part); }

std::string said(const eval::Ranked& ranked, const LineOptions& o) {
  return fmt::format("{} {:.1f} %", name_of(ranked, o), 100 * ranked.probability);
}

void add_to(nlohmann::ordered_json& line, data::SingleLabel /*task*/, Row row, const LineOptions& o) {
  nlohmann::ordered_json& predictions = line["predictions"] = nlohmann::ordered_json::array();
  for (const eval::Ranked& r : eval::top_k(row, o.top)) {
    nlohmann::ordered_json& prediction = predictions.emplace_back();
    if (o.index) prediction["index"] = r.label;
    prediction["label"] = name_of(r, o);
    prediction["probability"] = r.probability;
  }
}

void add_to(nlohmann::ordered_json& line, data::MultiLabel /*task*/, Row row, const LineOptions& o) {
  nlohmann::ordered_json labels = nlohmann::ordered_json::array(), probabilities = nlohmann::ordered_json::object();
  for (const int label : eval::above_threshold(row)) labels.push_back(o.names[static_cast<std::size_t>(label)]);
  for (std::size_t k = 0; k < o.names.size(); ++k) probabilities[o.names[k]] = row[k];
  line["labels"] = std::move(labels);
  line["probabilities"] = std::move(probabilities);
}

std::string columns(data::SingleLabel /*task*/, const LineOptions& o) {
  std::string header = "label,probability";
  for (int k = 2; k <= o.top; ++k) header += fmt::format(",label_{0},probability_{0}", k);
  return header;
}

std::string columns(data::MultiLabel /*task*/, const LineOptions& o) {
  std::string header = "label";
  for (const std::string& name : o.names) header += "," + csv_field("probability of " + name);
  return header;
}

std::string cells(data::SingleLabel /*task*/, Row row, const LineOptions& o) {
  std::string line;
  for (const eval::Ranked& r : eval::top_k(row, o.top)) line += fmt::format(",{},{:.6f}", csv_field(name_of(r, o)), r.probability);
  return line;
}

std::string cells(data::MultiLabel /*task*/, Row row, const LineOptions& o) {
  std::string line = "," + csv_field(data::joined_names(eval::above_threshold(row), o.names));
  for (const float p : row) line += fmt::format(",{:.6f}", p);
  return line;
}

std::string words(data::SingleLabel /*task*/, Row row, const LineOptions& o) {
  std::string line;
  for (const eval::Ranked& r : eval::top_k(row, o.top)) line += "  " + said(r, o);
  return line;
}

std::string words(data::MultiLabel /*task*/, Row row, const LineOptions& o) {
  const auto ranking = eval::top_k(row, static_cast<int>(row.size()));
  if (ranking.front().probability < eval::kThreshold) return "  none with at least 50 %; most likely " + said(ranking.front(), o);
  std::string line;
  for (const eval::Ranked& r : ranking)
    if (r.probability >= eval::kThreshold) line += "  " + said(r, o);
  return line;
}

}  // namespace

std::string json_line(const data::Task& task, const std::string& photo, const Answer& answer, const LineOptions& o) {
  nlohmann::ordered_json line{{"path", photo}};
  const trust::Decision& d = answer.decision;
  if (d.cost) line["by_costs"] = {{"label", joined(d.classes, o)}, {"expected_cost", *d.cost}};
  std::visit([&](const auto& t) { add_to(line, t, answer.probabilities, o); }, task);
  if (d.set) line["set"] = {{"coverage", o.rules.sets->coverage}, {"labels", names_of(*d.set, o)}};
  if (d.stranger) {
    const trust::Unknown& rule = *o.rules.unknown;
    line["unknown"] = d.stranger->unknown;
    line["strangeness"] = {{"score", trust::to_string(rule.gauge.score)},
                           {"value", d.stranger->score},
                           {"threshold", rule.threshold},
                           {"above", d.stranger->above}};
    if (answer.nearest) line["nearest"] = {{"path", answer.nearest->path}, {"similarity", answer.nearest->similarity}};
  }
  return line.dump() + "\n";
}

std::string csv_header(const data::Task& task, const LineOptions& o) {
  return fmt::format("path,{}{}{}{}\n", o.rules.costs ? "by_costs,expected_cost," : "",
                     std::visit([&](const auto& t) { return columns(t, o); }, task), o.rules.sets ? ",set" : "",
                     o.rules.unknown ? ",unknown,nearest" : "");
}

std::string csv_line(const data::Task& task, const std::string& photo, const Answer& answer, const LineOptions& o) {
  const trust::Decision& d = answer.decision;
  std::string line = csv_field(photo);
  if (d.cost) line += fmt::format(",{},{:.6g}", csv_field(joined(d.classes, o)), *d.cost);
  line += std::visit([&](const auto& t) { return cells(t, answer.probabilities, o); }, task);
  if (d.set) line += "," + csv_field(joined(*d.set, o));
  if (d.stranger) line += fmt::format(",{},{}", d.stranger->unknown, answer.nearest ? csv_field(answer.nearest->path) : "");
  return line + "\n";
}

std::string text_line(const data::Task& task, const std::string& photo, const Answer& answer, const LineOptions& o) {
  const trust::Decision& d = answer.decision;
  const bool unknown = d.stranger && d.stranger->unknown;
  std::string line = photo + (unknown ? "  unknown" : "");
  if (d.cost) line += fmt::format("  by costs: {} (expected cost {:.3g})", joined(d.classes, o), *d.cost);
  line += std::visit([&](const auto& t) { return words(t, answer.probabilities, o); }, task);
  if (d.set)
    line += fmt::format("  {} set: {}", percent_of(o.rules.sets->coverage),
                        d.set->empty() ? "none" : fmt::format("{}", fmt::join(names_of(*d.set, o), " or ")));
  if (unknown) {
    line += "  (" + trust::why(*o.rules.unknown, *d.stranger);
    if (answer.nearest) line += fmt::format("; nearest: {}, similarity {:.2f}", answer.nearest->path, answer.nearest->similarity);
    line += ")";
  }
  return line + "\n";
}

}  // namespace graft::artifact
