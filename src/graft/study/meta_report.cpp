#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/study/meta_learning.h"

namespace graft::study {

shots::Mean gain_over(const MetaRow& row, const MetaRow& baseline) {
  std::vector<double> differences;
  for (std::size_t e = 0; e < row.accuracies.size(); ++e) differences.push_back(row.accuracies[e] - baseline.accuracies[e]);
  return shots::mean_of_all(differences);
}

nlohmann::ordered_json to_json(const MetaLearning& found) {
  const auto interval = [](const shots::Mean& mean) { return nlohmann::ordered_json{mean.value - mean.half, mean.value + mean.half}; };
  nlohmann::ordered_json json{{"run", printable(found.run.string())},
                              {"classes", {{"train", found.train_classes}, {"val", found.val_classes}, {"test", found.test_classes}}},
                              {"photos", found.photos},
                              {"episodes", found.rows.front().accuracies.size()},
                              {"kept_check", found.kept_check + 1},
                              {"checks", nlohmann::ordered_json::array()},
                              {"results", nlohmann::ordered_json::array()}};
  for (const train::EpochRecord& e : found.history)
    json["checks"].push_back({{"train_loss", e.train_loss}, {"train_accuracy", e.train_accuracy}, {"val_accuracy", e.val_accuracy}});
  for (const MetaRow& row : found.rows) {
    const shots::Mean accuracy = shots::mean_of_all(row.accuracies);
    json["results"].push_back({{"network", row.network}, {"rule", row.rule}, {"accuracy", accuracy.value}, {"interval", interval(accuracy)}});
    if (!found.baseline) continue;
    const shots::Mean gain = gain_over(row, found.rows[*found.baseline]);
    json["results"].back()["over_baseline"] = {{"difference", gain.value}, {"interval", interval(gain)}};
  }
  return json;
}

std::string to_text(const MetaLearning& found) {
  std::string text =
      fmt::format("{} test tasks from {} classes that were not used in training\n\n", found.rows.front().accuracies.size(), found.test_classes);
  std::size_t width = 7;
  for (const MetaRow& row : found.rows) width = std::max(width, row.network.size());
  text += fmt::format("{:<{}}  rule           accuracy (95 % interval){}\n", "network", width,
                      found.baseline ? "   gain over the pretrained network (95 % interval)" : "");
  for (std::size_t r = 0; r < found.rows.size(); ++r) {
    const MetaRow& row = found.rows[r];
    const shots::Mean accuracy = shots::mean_of_all(row.accuracies);
    text += fmt::format("{:<{}}  {:<13}  {:>5.2f} % ({:.2f} to {:.2f})", row.network, width, row.rule, 100 * accuracy.value,
                        100 * (accuracy.value - accuracy.half), 100 * (accuracy.value + accuracy.half));
    if (found.baseline && r != *found.baseline) {
      const shots::Mean gain = gain_over(row, found.rows[*found.baseline]);
      text += fmt::format("   {:>+6.2f} ({:+.2f} to {:+.2f})", 100 * gain.value, 100 * (gain.value - gain.half), 100 * (gain.value + gain.half));
    }
    text += "\n";
  }
  return text;
}

std::string conclusion(const MetaLearning& found) {
  if (!found.baseline) return "";
  const shots::Mean gain = gain_over(found.rows.front(), found.rows[*found.baseline]);
  const std::string& pretrained = found.rows[*found.baseline].network;
  if (gain.value + gain.half < 0)
    return fmt::format("The pretrained {} with a simple rule is better than the network trained here: use `graft shots`.", pretrained);
  if (gain.value - gain.half <= 0)
    return fmt::format("The pretrained {} with a simple rule is as good, within chance: use `graft shots`, which needs no training.", pretrained);
  return fmt::format("The network trained here is better than the pretrained {} with a simple rule, beyond chance.", pretrained);
}

}  // namespace graft::study
