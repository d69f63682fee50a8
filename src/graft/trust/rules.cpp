#include "graft/trust/rules.h"

#include <nlohmann/json.hpp>

#include "graft/trust/record.h"

namespace graft::trust {

nlohmann::ordered_json to_json(const Rules& rules) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (rules.calibration) json["calibration"] = to_json(*rules.calibration);
  if (rules.sets) json["sets"] = to_json(*rules.sets);
  if (rules.costs) json["costs"] = to_json(*rules.costs);
  if (rules.unknown) json["unknown"] = to_json(*rules.unknown);
  return json;
}

Rules rules_from_json(const nlohmann::json& json, const data::Task& task, std::size_t classes, std::string_view source) {
  const Record record(json, "", source, {"calibration", "sets", "costs", "unknown"});
  Rules rules;
  if (record.has("calibration")) rules.calibration = calibration_from(record);
  if (record.has("sets")) rules.sets = sets_from(record, classes);
  if (record.has("costs")) rules.costs = costs_from(record, task, classes);
  if (record.has("unknown")) rules.unknown = unknown_from(record);
  return rules;
}

}  // namespace graft::trust
