#include "graft/trust/temperature.h"

#include <nlohmann/json.hpp>

namespace graft::trust {

nlohmann::ordered_json to_json(const Calibration& calibration) {
  return {{"temperature", calibration.temperature}, {"on", to_string(calibration.on)}, {"photos", calibration.photos}};
}

Calibration calibration_from(const Record& record) {
  const Record calibration = record.part("calibration", {"temperature", "on", "photos"});
  return {calibration.above("temperature", 0), calibration.basis("on"), calibration.count("photos")};
}

}  // namespace graft::trust
