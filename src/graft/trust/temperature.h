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

/// How far stated probabilities are from what happens.
struct Sureness {
  double log_loss;  // mean over the rows, weighted
  double ece;  // expected calibration error (Naeini, Cooper and Hauskrecht 2015) in 15 bins of equal width; of MultiLabel over every class's answer
};
Sureness sureness_of(const HeldOut& held_out);

struct Tempering {
  double temperature = 1;  // to be applied: 1 where none is better beyond doubt
  double best = 1;         // the one whose log loss is lowest
  std::size_t rows = 0;
  Sureness before, after;  // after: each row by a temperature that was found on other rows (5 folds, groups kept together), so that it is honest
  Calibration calibration(Basis on) const { return {temperature, on, rows}; }
};

/// The temperature with the lowest log loss, within 1/20 to 20, as though one row more had been labelled by chance: without that, answers that are all right would ask for certainty
/// (as Platt 1999 has it). It is applied where the log loss falls with it beyond doubt: where the slope of the loss at temperature 1 is not 0 by a test
/// that holds for groups of rows, too (a score test with White's 1980 variance; p < 0.01). No rows: nothing is applied. Rows of weight 0 have no part in it.
Tempering temper(const HeldOut& held_out);

/// One sentence: "probabilities are calibrated by ..., log loss ... -> ..., ECE ... -> ..." or why they stay.
std::string to_text(const Tempering& tempering, Basis on);
/// Of history.json.
nlohmann::ordered_json to_json(const Tempering& tempering, Basis on);

nlohmann::ordered_json to_json(const Calibration& calibration);
/// Its key "calibration". Error (data).
Calibration calibration_from(const Record& record);

}  // namespace graft::trust
