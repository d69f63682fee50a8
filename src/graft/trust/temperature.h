// Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017): logits divided by one number, so that of the answers of 80 % four in five are right. It changes no
// answer, only how sure each is.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graft/eval/scores.h"
#include "graft/trust/record.h"

namespace graft::trust {

struct Calibration {
  double temperature;  // > 0, by which weights and bias of the last layer were divided
  Basis on;
  std::size_t photos;
};

/// What a temperature is found on: photos that the model has not seen.
struct HeldOut {
  eval::Truth truth;
  std::span<const float> logits;  // (rows, classes)
  std::size_t classes;
  std::span<const double> weights = {};      // of each row, as training weighed it; empty: all 1
  std::span<const std::string> groups = {};  // of each row; "" of one that is alone, empty: all alone
};

nlohmann::ordered_json to_json(const Calibration& calibration);
/// Its key "calibration". Error (data).
Calibration calibration_from(const Record& record);

}  // namespace graft::trust
