#include "graft/fit/job/leaked.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "graft/eval/scores.h"

namespace graft::fit {

std::optional<LeakedImages> leaked_images(const doctor::Report& report, const Photos& photos, const data::Splits& splits,
                                          std::span<const float> probabilities) {
  const doctor::Leaked leaked = doctor::leaked(report);
  if (leaked.exact.empty() && leaked.near.empty()) return std::nullopt;
  const std::size_t classes = splits.classes.size();
  std::vector<data::Sample> others;
  std::vector<float> rows;
  for (std::size_t i = 0; i < photos.val.size(); ++i) {
    if (std::ranges::binary_search(leaked.exact, i) || std::ranges::binary_search(leaked.near, i)) continue;
    others.push_back(photos.val[i]);
    const auto row = probabilities.subspan(i * classes, classes);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  LeakedImages images{leaked.exact.size(), leaked.near.size(), photos.val.size(), std::nullopt};
  if (others.empty()) return images;
  const std::vector<int> labels = data::labels_of(others);
  const std::vector<float> targets = data::targets_of(splits.task, others, classes);
  images.accuracy = eval::value_of(eval::evaluate({splits.task, others.size(), labels, targets}, rows, splits.classes), "accuracy");
  return images;
}

std::string sentence_of(const LeakedImages& leaked) {
  const std::size_t count = leaked.exact + leaked.near;
  const std::string almost = leaked.near > 0 ? fmt::format(" ({} of them almost)", leaked.near) : "";
  const std::string without =
      leaked.accuracy ? fmt::format("without them the accuracy is {:.1f} %", 100 * *leaked.accuracy) : "no others are left to measure";
  return fmt::format("{} of the {} validation photos {} also in training{}: {}; {} takes the copies out of training", count, leaked.images,
                     count == 1 ? "is" : "are", almost, without, leaked.near > 0 ? "--dedupe-near" : "--dedupe");
}

nlohmann::ordered_json evaluation_json(const eval::AnyEvaluation& evaluation, const std::optional<LeakedImages>& leaked) {
  nlohmann::ordered_json json = eval::to_json(evaluation);
  if (leaked)
    json["leaked"] = {{"exact", leaked->exact},
                      {"near", leaked->near},
                      {"accuracy_without", leaked->accuracy ? nlohmann::ordered_json(*leaked->accuracy) : nlohmann::ordered_json()}};
  return json;
}

std::optional<LeakedImages> leaked_in(const nlohmann::json& evaluation) {
  const auto found = evaluation.find("leaked");
  if (found == evaluation.end()) return std::nullopt;
  const nlohmann::json& accuracy = found->at("accuracy_without");
  return LeakedImages{found->at("exact"), found->at("near"), evaluation.at("count"),
                      accuracy.is_null() ? std::nullopt : std::optional(accuracy.get<double>())};
}

}  // namespace graft::fit
