#include "graft/cli/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace graft::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 48;  // of a curve
using Values = std::vector<std::optional<double>>;

Values values_of(const Json& rows, const char* key) {
  Values values;
  for (const Json& row : rows) values.push_back(row.contains(key) && row[key].is_number() ? std::optional(row[key].get<double>()) : std::nullopt);
  return values;
}

/// A bar between one eighth and the whole of a line for each value between `low` and `high`, a space where there is none. Of more than kColumns values some at even
/// steps, with the first and the last.
std::string sparkline(const Values& values, double low, double high) {
  constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t columns = std::min(kColumns, values.size());
  std::string line;
  for (std::size_t column = 0; column < columns; ++column) {
    const auto& value = values[columns == 1 ? 0 : column * (values.size() - 1) / (columns - 1)];
    if (value) line += kBars[high > low ? std::clamp(static_cast<int>(std::lround(7 * (*value - low) / (high - low))), 0, 7) : 3];
    else line += ' ';
  }
  return line;
}

/// Lines of one measure, all of one scale: "validation loss   ▁▃█  0.80 to 0.36".
std::string curves_of(const Json& rows, std::initializer_list<std::pair<const char*, const char*>> keys) {
  std::vector<double> all;
  for (const auto& [key, title] : keys)
    for (const auto& value : values_of(rows, key))
      if (value) all.push_back(*value);
  if (all.empty()) return "";
  const auto [low, high] = std::ranges::minmax(all);
  std::string text;
  for (const auto& [key, title] : keys) {
    const Values values = values_of(rows, key);
    const auto first = std::ranges::find_if(values, [](const auto& v) { return v.has_value(); });
    if (first == values.end()) continue;
    const auto last = std::find_if(values.rbegin(), values.rend(), [](const auto& v) { return v.has_value(); });
    text += fmt::format("{:<26}{}  {:.4g} to {:.4g}\n", title, sparkline(values, low, high), **first, **last);
  }
  return text;
}

}  // namespace

std::string loss_curves(const Json& phase) {
  return phase.contains("epochs") ? curves_of(phase["epochs"], {{"train_loss", "loss in training"}, {"val_loss", "loss in validation"}}) : "";
}

std::string curves(const Json& phase) {
  if (phase.contains("epochs")) {
    const Json& rows = phase["epochs"];
    std::string text = fmt::format("\n{}, {} epochs", phase.value("strategy", "training"), rows.size());
    if (phase.contains("kept_epoch")) text += fmt::format(", the weights of epoch {} were taken", phase["kept_epoch"].get<int>());
    return text + "\n" + loss_curves(phase) +
           curves_of(rows, {{"train_accuracy", "accuracy in training"}, {"val_accuracy", "accuracy in validation"}}) +
           curves_of(rows, {{"lr", "learning rate"}});
  }
  const Json path = phase.value("cross_validation", Json::object()).value("path", Json::array());
  if (path.empty()) return "";
  return fmt::format("\n{}, cross-validated at L2 {:.4g} to {:.4g}; {:.4g} was taken\n", phase.value("strategy", "head"),
                     path.front().at("l2").get<double>(), path.back().at("l2").get<double>(), phase.at("l2").get<double>()) +
         curves_of(path, {{"log_loss", "log loss"}}) + curves_of(path, {{"accuracy", "accuracy"}});
}

}  // namespace graft::cli
