#include "graft/cli/multi_label_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/data/task_labels.h"
#include "graft/eval/multi_label.h"

namespace graft::cli {
namespace {

std::vector<std::string> named(std::span<const float> probabilities, Names names) {
  std::vector<std::string> list;
  for (const int label : eval::above_threshold(probabilities)) list.push_back(names[static_cast<std::size_t>(label)]);
  return list;
}

}  // namespace

std::string multi_label_json_line(const std::string& photo, std::span<const float> probabilities, Names names) {
  nlohmann::ordered_json line{{"path", photo}, {"labels", named(probabilities, names)}, {"probabilities", nlohmann::ordered_json::object()}};
  for (std::size_t k = 0; k < names.size(); ++k) line["probabilities"][names[k]] = probabilities[k];
  return line.dump() + "\n";
}

std::string multi_label_csv_header(Names names) {
  std::string header = "path,label";
  for (const std::string& name : names) header += "," + csv_field("probability of " + name);
  return header + "\n";
}

std::string multi_label_csv_line(const std::string& photo, std::span<const float> probabilities, Names names) {
  const std::string label = fmt::format("{}", fmt::join(named(probabilities, names), std::string(1, data::kBetweenClasses)));
  std::string line = fmt::format("{},{}", csv_field(photo), csv_field(label));
  for (const float p : probabilities) line += fmt::format(",{:.6f}", p);
  return line + "\n";
}

std::string multi_label_text_line(const std::string& photo, std::span<const float> probabilities, Names names) {
  const auto ranking = eval::top_k(probabilities, static_cast<int>(probabilities.size()));
  const auto said = [&](const eval::Ranked& r) { return fmt::format("{} {:.1f} %", names[static_cast<std::size_t>(r.label)], 100 * r.probability); };
  if (ranking.front().probability < eval::kThreshold) return fmt::format("{}  none from 50 % on; most likely {}\n", photo, said(ranking.front()));
  std::string line = photo;
  for (const eval::Ranked& r : ranking)
    if (r.probability >= eval::kThreshold) line += "  " + said(r);
  return line + "\n";
}

}  // namespace graft::cli
