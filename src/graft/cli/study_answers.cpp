#include "graft/cli/study_answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/terminal.h"

namespace graft::cli {

std::string report_text(const study::Report& report) {
  std::string text = study::to_table(report) + "\n";
  for (const std::string& sentence : study::verdicts(report)) text += wrapped(sentence);
  for (const std::string& sentence : study::leaks(report)) text += wrapped(sentence);
  return text;
}

void print_study(const study::Found& found, double seconds, const OutputOptions& output) {
  const std::string run = printable(found.run.string());
  if (output.json) {
    nlohmann::ordered_json json{{"run", run}, {"seconds", seconds}, {"report", study::to_json(found.report)}};
    if (found.deployed) json["deployed"] = found.report.rows[*found.deployed].name;
    return print(json.dump(2) + "\n");
  }
  std::string text = report_text(found.report);
  text += fmt::format("each run: {}/runs; {:.1f} s\n", run, seconds);
  if (found.deployed)
    text += fmt::format("model: {}/model.onnx, that of {}\nnext:  graft predict {} photo.jpg\n", run, found.report.rows[*found.deployed].name,
                        shell_word(found.run.string()));
  report(output, text);
}

}  // namespace graft::cli
