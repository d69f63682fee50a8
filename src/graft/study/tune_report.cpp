#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/study/tune.h"

namespace graft::study {

std::string to_table(const Tuned& tuned) {
  std::string text = fmt::format("{:>5}  {:>6}  {:>8}  {:>8}  {:>18}  options\n", "trial", "epochs", "log loss", "accuracy", "to the default");
  for (const TrialRow& row : tuned.rows) {
    if (!row.failed.empty()) {
      text += fmt::format("{:>5}  {:>6}  failed: {}: {}\n", row.trial, row.epochs, row.failed, row.options);
      continue;
    }
    const std::string difference = row.trial == 0 ? "" : fmt::format("{:+.4f} +- {:.4f}", row.to_default.mean, row.to_default.error);
    text += fmt::format("{:>5}  {:>6}  {:>8.4f}  {:>8.3f}  {:>18}  {}{}\n", row.trial, row.epochs, row.log_loss, row.accuracy, difference,
                        row.options, row.trial == tuned.best ? " (taken)" : "");
  }
  return text + fmt::format("log loss at the best temperature, on {} training photos held out of the trials\n",
                            with_commas(static_cast<long long>(tuned.judged_on)));
}

nlohmann::ordered_json to_json(const Tuned& tuned) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const TrialRow& row : tuned.rows) {
    nlohmann::ordered_json& json =
        rows.emplace_back(nlohmann::ordered_json{{"trial", row.trial}, {"options", printable(row.options)}, {"epochs", row.epochs}});
    if (row.failed.empty())
      json.update(
          {{"log_loss", row.log_loss}, {"accuracy", row.accuracy}, {"to_default", row.to_default.mean}, {"standard_error", row.to_default.error}});
    else json["failed"] = printable(row.failed);
  }
  return {{"judged_on", tuned.judged_on}, {"best", tuned.best}, {"trials", rows}};
}

}  // namespace graft::study
