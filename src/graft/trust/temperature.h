// Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017): logits are divided by one number, so that
// four in five of the answers given with 80 % are right. This changes no answer, only how confident it is.
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
  double temperature;  // > 0, by which the weights and the bias of the last layer were divided
  Basis on;
  std::size_t photos;
};

/// What a temperature is found on: photos that the model has not seen.
struct HeldOut {
  eval::Truth truth;
  std::span<const float> logits;  // (rows, classes)
  std::size_t classes;
  std::span<const double> weights = {};      // of each row, as in training; empty: all 1
  std::span<const std::string> groups = {};  // of each row; "" for a row without a group; empty: no groups
};

/// How far the stated probabilities are from the observed frequencies.
struct Sureness {
  double log_loss;  // mean over the rows, weighted
  double
      ece;  // expected calibration error (Naeini, Cooper and Hauskrecht 2015) in 15 bins of equal width; for MultiLabel over the answers of every class
};
Sureness sureness_of(const HeldOut& held_out);

struct Tempering {
  double temperature = 1;  // to be applied: 1 if none is better beyond doubt
  double best = 1;         // the one with the lowest log loss
  std::size_t rows = 0;
  Sureness before, after;  // after: each row with a temperature found on other rows (5 folds, groups kept together), so it is unbiased
  Calibration calibration(Basis on) const { return {temperature, on, rows}; }
};

/// The temperature between 1/20 and 20 with the lowest log loss, as if there were one more row with a random label: without it, answers that are all right
/// would demand certainty (as in Platt 1999). It is applied if the log loss falls beyond doubt, that is, if the slope of the loss at temperature 1 differs
/// from 0 by a test that also holds for groups of rows (a score test with White's 1980 variance; p < 0.01). Without rows, nothing is applied. Rows of weight
/// 0 are ignored.
Tempering temper(const HeldOut& held_out);

/// One sentence: "probabilities are calibrated by ..., log loss ... -> ..., ECE ... -> ..." or why they stay.
std::string to_text(const Tempering& tempering, Basis on);
/// Of history.json.
nlohmann::ordered_json to_json(const Tempering& tempering, Basis on);

nlohmann::ordered_json to_json(const Calibration& calibration);
/// Its key "calibration". Error (data).
Calibration calibration_from(const Record& record);

}  // namespace graft::trust
