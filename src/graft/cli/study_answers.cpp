#include "graft/cli/study_answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"

namespace graft::cli {

void print_study(const study::Found& found, double seconds, const OutputOptions& output) {
  const std::string run = printable(found.run.string());
  if (output.json) {
    nlohmann::ordered_json json{{"run", run}, {"seconds", seconds}, {"report", study::to_json(found.report)}};
    if (found.deployed) json["deployed"] = found.report.rows[*found.deployed].name;
    return print(json.dump(2) + "\n");
  }
  std::string text = study::to_text(found.report);
  text += fmt::format("each run: {}/runs; {:.1f} s\n", run, seconds);
  if (found.deployed)
    text += fmt::format("model: {0}/model.onnx, that of {1}\nnext:  graft predict {0} photo.jpg\n", run, found.report.rows[*found.deployed].name);
  print(text);
}

}  // namespace graft::cli
