// What a model knows about how far its answers can be trusted. It is part of the model's card
// (artifact/model.h), and everything that answers with the model applies it through decide() (decide.h).
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

/// A missing member has no effect on answers; if all are missing, the model is like those written before there were rules.
struct Rules {
  std::optional<Calibration> calibration;  // of the probabilities: already applied to the weights; kept here so that the original can be restored
  std::optional<Sets> sets;                // of classes, at a stated coverage
  std::optional<Costs> costs;              // of mistakes
  std::optional<Unknown> unknown;          // which photos are called unknown

  bool empty() const { return !calibration && !sets && !costs && !unknown; }
  /// Whether they need the input of the last layer, in addition to its output.
  bool need_features() const { return unknown && unknown->gauge.width() > 0; }
};

/// {"calibration": {...}, "sets": {...}, "costs": [...], "unknown": {...}}: the members that are there.
nlohmann::ordered_json to_json(const Rules& rules);

/// Error (data) named `source` for rules that are damaged, for another number of classes, or
/// with a part that this graft does not know: rules of a model are never silently ignored.
Rules rules_from_json(const nlohmann::json& json, const data::Task& task, std::size_t classes, std::string_view source);

}  // namespace graft::trust
