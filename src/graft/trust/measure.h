// What sets and decisions by costs were worth on labelled photos: what `graft eval` tells of them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <vector>

#include "graft/eval/paired.h"
#include "graft/trust/decide.h"

namespace graft::trust {

struct Coverage {
  double asked, found;      // parts; found: of the photos whose class is in their set; of MultiLabel the mean part of a photo's classes that is in it
  eval::Interval interval;  // 95 %: Wilson's; of MultiLabel Student's t
  double size;              // classes in a set, in the mean
  struct OfClass {
    long photos, covered;  // that have the class, and those whose set holds it
    double size;           // of their sets, in the mean; 0 without photos
  };
  std::vector<OfClass> classes;
};
/// A decision with a set for each photo; at least one photo.
Coverage measure_sets(data::SingleLabel task, const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions);
Coverage measure_sets(data::MultiLabel task, const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions);
Coverage measure_sets(const Sets& sets, const eval::Truth& truth, std::span<const Decision> decisions);

struct CostFound {
  eval::Mean decided, plain;  // cost of a photo by what is said, and had the most probable class been said; 95 %, Student's t
  eval::Mean difference;      // decided - plain, photo by photo
  double expected;            // of what is said, by the model's own probabilities
};
/// probabilities: (photos, classes); at least one photo.
CostFound measure_costs(const Costs& costs, std::span<const int> labels, std::span<const float> probabilities, std::span<const Decision> decisions);

nlohmann::ordered_json to_json(const Coverage& coverage, std::span<const std::string> classes);
nlohmann::ordered_json to_json(const CostFound& found);
/// For a terminal, lines ended.
std::string to_text(const Coverage& coverage, std::span<const std::string> classes);
std::string to_text(const CostFound& found);

}  // namespace graft::trust
