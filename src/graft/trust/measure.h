// How sets and decisions by costs did on labeled photos, for `graft eval`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <vector>

#include "graft/eval/paired.h"
#include "graft/trust/decide.h"

namespace graft::trust {

struct Coverage {
  double asked,
      found;  // fractions; found: of the photos whose class is in their set; for MultiLabel the mean fraction of a photo's classes in its set
  eval::Interval interval;  // 95 %: Wilson's; for MultiLabel Student's t
  double size;              // classes in a set, on average
  struct OfClass {
    long photos, covered;  // that have the class, and those whose set contains it
    double size;           // of their sets, on average; 0 without photos
  };
  std::vector<OfClass> classes;
};
/// A decision with a set for each photo; at least one photo.
Coverage measure_sets(data::SingleLabel task, const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions);
Coverage measure_sets(data::MultiLabel task, const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions);
Coverage measure_sets(const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions);

struct CostFound {
  eval::Mean decided, plain;  // cost per photo of the answers, and of always answering the most probable class; 95 %, Student's t
  eval::Mean difference;      // decided - plain, photo by photo
  double expected;            // expected cost of the answers, by the model's own probabilities
};
/// probabilities: (photos, classes); at least one photo.
CostFound measure_costs(const Costs& costs, std::span<const int> labels, std::span<const float> probabilities, std::span<const Decision> decisions);

nlohmann::ordered_json to_json(const Coverage& coverage, std::span<const std::string> classes);
nlohmann::ordered_json to_json(const CostFound& found);
/// For a terminal, lines ended.
std::string to_text(const Coverage& coverage, std::span<const std::string> classes);
std::string to_text(const CostFound& found);

}  // namespace graft::trust
