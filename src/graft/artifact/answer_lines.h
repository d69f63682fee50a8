// A model's answer for a photo without a label, as `graft predict` prints it: a line of JSON, CSV or text. The walk of a task's
// answers; those with labels are in answers.h. What a model's rules (trust/rules.h) add is in a line only if the model has such rules.
#pragma once

#include <span>
#include <string>

#include "graft/artifact/known_photos.h"
#include "graft/data/task.h"
#include "graft/trust/decide.h"

namespace graft::artifact {

struct LineOptions {
  std::span<const std::string> names;  // of the classes
  int top = 3;                         // of SingleLabel: answers, at most as many as there are classes
  bool index = false;                  // of SingleLabel: in JSON the class's number beside its name, which is not the network's own
  const trust::Rules& rules;           // of the model
};

/// The photo's probabilities, and the decision by the rules.
struct Answer {
  std::span<const float> probabilities;
  const trust::Decision& decision;
  const NearestPhoto* nearest = nullptr;  // training photo, of a photo that is unknown
};

/// SingleLabel: {"path", "predictions": [{"label", "probability"}]}. MultiLabel: {"path", "labels": those from 50 % on, "probabilities": of every class}.
/// By costs, before that: "by_costs": {"label", "expected_cost"}. With sets, behind it: "set": {"coverage", "labels"}.
/// With a rule of strangers: "unknown": true or false, "strangeness": {"score", "value", "threshold", "above"}, and of an unknown photo "nearest": {"path",
/// "similarity"}.
std::string json_line(const data::Task& task, const std::string& photo, const Answer& answer, const LineOptions& options);

/// SingleLabel: path, label, probability, label_2, probability_2 ... MultiLabel: path, label ("a;b"), and the probability of every class. By costs, behind
/// the path: by_costs, expected_cost. With sets, at the end: set ("a;b"). With a rule of strangers, behind that: unknown (true or false),
/// nearest.
std::string csv_header(const data::Task& task, const LineOptions& options);
std::string csv_line(const data::Task& task, const std::string& photo, const Answer& answer, const LineOptions& options);

/// "photo.jpg  red 98.1 %  blue 1.2 %", the most probable first; of MultiLabel those from 50 % on, or "none with at least 50 %; most likely red 31.0 %".
/// By costs: "photo.jpg  by costs: blue (expected cost 0.31)  red 61.0 %  blue 39.0 %". With sets: "...  90 % set: red or blue".
/// A photo that is unknown: "photo.jpg  unknown  red 61.0 %  blue 39.0 %  (farther from the training photos than ...; nearest: red/1.jpg, similarity 0.31)".
std::string text_line(const data::Task& task, const std::string& photo, const Answer& answer, const LineOptions& options);

}  // namespace graft::artifact
