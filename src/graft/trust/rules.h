// What a model knows about how far its answers can be trusted. The model's card has it (artifact/model.h), and whoever answers by the model obeys it
// through decide() (decide.h).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

#include "graft/data/task.h"
#include "graft/trust/costs.h"
#include "graft/trust/sets.h"
#include "graft/trust/temperature.h"
#include "graft/trust/unknown.h"

namespace graft::trust {

/// A member that is not there has no part in any answer; all of them missing is a model as graft wrote it before there were rules.
struct Rules {
  std::optional<Calibration> calibration;  // of the probabilities: is in the weights already, and here so that the original can be had back
  std::optional<Sets> sets;                // of classes, at a stated coverage
  std::optional<Costs> costs;              // of mistakes
  std::optional<Unknown> unknown;          // what is said of strangers

  bool empty() const { return !calibration && !sets && !costs && !unknown; }
  /// Whether they look at what the last layer reads, beside what it gives.
  bool need_features() const { return unknown && unknown->gauge.width() > 0; }
};

/// {"calibration": {...}, "sets": {...}, "costs": [...], "unknown": {...}}: the members that are there.
nlohmann::ordered_json to_json(const Rules& rules);

/// Error (data) named `source` for rules that are damaged, of another number of classes, or have a part that this graft does not know: what a model
/// asks its readers to obey is not left out silently.
Rules rules_from_json(const nlohmann::json& json, const data::Task& task, std::size_t classes, std::string_view source);

}  // namespace graft::trust
