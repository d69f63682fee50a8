#include "graft/fit/head/head_history.h"

namespace graft::fit {
namespace {

nlohmann::ordered_json to_json(const head::L2Choice& choice) {
  nlohmann::ordered_json path = nlohmann::ordered_json::array();
  for (const head::L2Score& s : choice.path)
    path.push_back({{"l2", s.l2}, {"accuracy", s.accuracy}, {"log_loss", s.log_loss}, {"standard_error", s.standard_error}});
  return {{"folds", choice.folds}, {"path", path}};
}

}  // namespace

nlohmann::ordered_json phase_of(const HeadHistory& head, double l2, double train_accuracy, double val_accuracy) {
  nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
  if (head.inputs.size() > 1)
    for (const Candidate& c : head.inputs)
      inputs.push_back(
          {{"features", c.input.every_stage ? "stages" : "last"}, {"mirror", c.input.mirror}, {"l2", c.l2.l2}, {"log_loss", c.log_loss}});
  return {{"strategy", "head"},
          {"features_compared", inputs},
          {"l2", l2},
          {"cross_validation", to_json(head.l2)},
          {"train_accuracy", train_accuracy},
          {"val_accuracy", val_accuracy}};
}

}  // namespace graft::fit
