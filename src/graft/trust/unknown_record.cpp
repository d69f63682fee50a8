// How a rule of strangers lies in a model's metadata, and how it is read back.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "graft/trust/halves.h"
#include "graft/trust/unknown.h"

namespace graft::trust {
namespace {

constexpr std::array kScores{Strangeness::energy, Strangeness::max_logit, Strangeness::mahalanobis, Strangeness::neighbours, Strangeness::combined};
constexpr std::size_t kPercentiles = 101;

/// `rows` rows of `width` numbers.
std::vector<float> matrix(const Record& record, std::string_view key, std::size_t rows, std::size_t width) {
  const nlohmann::json& json = record.value(key);
  auto values = json.is_string() ? from_base64_halves(json.get_ref<const std::string&>()) : std::nullopt;
  if (!values || rows > values->size() || rows * width != values->size())
    throw record.error(key, fmt::format("{} x {} numbers in half precision, in base64", rows, width));
  return std::move(*values);
}

std::vector<double> finite(const Record& record, std::string_view key, std::size_t size) {
  const nlohmann::json& json = record.value(key);
  if (!json.is_array() || json.size() != size || !std::ranges::all_of(json, [](const auto& item) { return item.is_number(); }))
    throw record.error(key, fmt::format("{} numbers", size));
  return json.get<std::vector<double>>();
}

nlohmann::ordered_json to_json(const Clouds& clouds) {
  return {{"width", clouds.width},         {"classes", clouds.means.size() / clouds.width},     {"means", to_base64_halves(clouds.means)},
          {"variances", clouds.variances}, {"directions", to_base64_halves(clouds.directions)}, {"rest", clouds.rest}};
}

Clouds clouds_from(const Record& record) {
  Clouds clouds{.width = record.count("width")};
  clouds.means = matrix(record, "means", record.count("classes"), clouds.width);
  const nlohmann::json& variances = record.value("variances");
  if (!variances.is_array() || variances.size() > kDirections) throw record.error("variances", fmt::format("at most {} numbers", kDirections));
  for (const double value : record.numbers("variances", variances.size())) clouds.variances.push_back(static_cast<float>(value));
  if (std::ranges::any_of(clouds.variances, [](float value) { return !(value > 0); })) throw record.error("variances", "numbers above 0");
  clouds.directions = matrix(record, "directions", clouds.variances.size(), clouds.width);
  clouds.rest = static_cast<float>(record.above("rest", 0));
  return clouds;
}

Neighbours neighbours_from(const Record& record) {
  Neighbours neighbours{.width = record.count("width")};
  neighbours.rows = matrix(record, "rows", record.count("photos"), neighbours.width);
  return neighbours;
}

Scale scale_from(const Record& record, std::string_view key) {
  const std::vector<double> values = finite(record, key, 2);
  if (!(values[1] > 0)) throw record.error(key, "a mean, and a deviation above 0");
  return {values[0], values[1]};
}

}  // namespace

nlohmann::ordered_json to_json(const Unknown& unknown) {
  const Gauge& gauge = unknown.gauge;
  nlohmann::ordered_json json{{"score", to_string(gauge.score)}, {"reject", unknown.reject}, {"threshold", unknown.threshold},
                              {"on", to_string(unknown.on)},     {"photos", unknown.photos}, {"percentiles", unknown.percentiles}};
  if (unknown.left_out_auroc) json["left_out_auroc"] = *unknown.left_out_auroc;
  if (gauge.score == Strangeness::combined) {
    json["energy"] = {gauge.energy.mean, gauge.energy.deviation};
    json["distance"] = {gauge.distance.mean, gauge.distance.deviation};
  }
  if (gauge.clouds.width > 0) json["clouds"] = to_json(gauge.clouds);
  if (gauge.neighbours.width > 0)
    json["neighbours"] = {{"width", gauge.neighbours.width},
                          {"photos", gauge.neighbours.rows.size() / gauge.neighbours.width},
                          {"rows", to_base64_halves(gauge.neighbours.rows)}};
  return json;
}

Unknown unknown_from(const Record& rules) {
  const Record record = rules.part(
      "unknown", {"score", "reject", "threshold", "on", "photos", "percentiles", "left_out_auroc", "energy", "distance", "clouds", "neighbours"});
  Unknown unknown{.reject = record.between("reject", 0, 1), .on = record.basis("on"), .photos = record.count("photos")};
  const nlohmann::json& threshold = record.value("threshold");
  if (!threshold.is_number()) throw record.error("threshold", "a number");
  unknown.threshold = threshold.get<double>();
  unknown.percentiles = finite(record, "percentiles", kPercentiles);
  if (!std::ranges::is_sorted(unknown.percentiles)) throw record.error("percentiles", "ascending numbers");
  if (record.has("left_out_auroc")) unknown.left_out_auroc = record.between("left_out_auroc", -1, 2);
  const nlohmann::json& score = record.value("score");
  const auto known = std::ranges::find_if(kScores, [&](Strangeness s) { return score == std::string(to_string(s)); });
  if (known == kScores.end()) throw record.error("score", "one that this graft knows");
  Gauge& gauge = unknown.gauge;
  gauge.score = *known;
  if (gauge.score == Strangeness::combined) {
    gauge.energy = scale_from(record, "energy");
    gauge.distance = scale_from(record, "distance");
  }
  if (gauge.score == Strangeness::combined || gauge.score == Strangeness::mahalanobis)
    gauge.clouds = clouds_from(record.part("clouds", {"width", "classes", "means", "variances", "directions", "rest"}));
  if (gauge.score == Strangeness::neighbours) gauge.neighbours = neighbours_from(record.part("neighbours", {"width", "photos", "rows"}));
  return unknown;
}

}  // namespace graft::trust
