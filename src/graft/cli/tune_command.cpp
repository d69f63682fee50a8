#include <chrono>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/study_answers.h"
#include "graft/study/tune.h"

namespace graft::cli {
namespace {

const CommandText kTuneText{
    "graft tune",
    "Search for better training options than the defaults: random settings are trained for a few epochs, the best third of them for more epochs, and "
    "so on, judged on a quarter of the training photos. The best setting is then trained on all training photos and compared with the default on the "
    "validation photos.",
    {"graft tune photos/ --trials 30", "graft tune photos/ --budget 30m --space 'lr=1e-4..1e-2:log,mixup=0|0.2' --strategy full",
     "graft tune --resume runs/photos-20261122-101500", "graft fit photos/ --config runs/photos-20261122-101500/config.toml --out again"},
    true};

}  // namespace

CommandReference tune_reference() { return reference_of<WithOutput<study::TuneConfig>>(kTuneText); }

int tune_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto options = read_config<WithOutput<study::TuneConfig>>(kTuneText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<study::TuneConfig> config{options->values, options->origins};
  const study::Tuned tuned = study::tune(config, listener_for(output));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (output.json) {
    nlohmann::ordered_json json{{"run", printable(tuned.found.run.string())},
                                {"seconds", seconds},
                                {"tuning", study::to_json(tuned)},
                                {"report", study::to_json(tuned.found.report)},
                                {"deployed", tuned.found.report.rows[tuned.found.deployed.value_or(0)].name}};
    return print(json.dump(2) + "\n"), 0;
  }
  report(output, study::to_table(tuned) + "\non the validation photos\n");
  print_study(tuned.found, seconds, output);
  return 0;
}

}  // namespace graft::cli
