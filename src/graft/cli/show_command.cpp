#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/artifact/chain.h"
#include "graft/artifact/finished.h"
#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/text.h"
#include "graft/cli/chain_text.h"
#include "graft/cli/command.h"
#include "graft/cli/curves.h"
#include "graft/eval/aligned.h"
#include "graft/report/report.h"

namespace graft::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

const CommandText kShowText{"graft show",
                            "Print the results of a run again, from its own files: accuracy, the curves of its training in one line each, the most "
                            "frequent mistakes, the runs it came from, time and memory. `graft report` makes a page of them.",
                            {"graft show runs/photos-20261122-101500", "graft show runs/a --json"}};

struct ShowOptions {
  fs::path run;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("run", run, "folder of a finished run");
    output.fields(v);
  }
};

constexpr std::size_t kWorst = 5;  // mistakes

std::string accuracy(const Json& eval) {
  const bool several = !eval.contains("accuracy");
  const Json& interval = eval.at(several ? "subset_accuracy_interval" : "accuracy_interval");
  std::string text =
      fmt::format("{:<26}{} ({} of {}; 95 % interval {:.1f} to {:.1f} %)\n", several ? "all classes right" : "accuracy",
                  eval::percent(eval.at(several ? "subset_accuracy" : "accuracy").get<double>()), with_commas(eval.at("right").get<long long>()),
                  with_commas(eval.at("count").get<long long>()), 100 * interval.at(0).get<double>(), 100 * interval.at(1).get<double>());
  if (eval.contains("largest_class"))
    text += fmt::format("{:<25} {}, the largest class each time\n", "always " + printable(eval["largest_class"].at("name").get<std::string>()),
                        eval::percent(eval["largest_class"].at("accuracy").get<double>()));
  for (const auto& [key, title] : {std::pair{"macro_f1", "macro F1"}, std::pair{"mean_average_precision", "mean average precision"},
                                   std::pair{"log_loss", "log loss"}, std::pair{"ece", "calibration error"}})
    if (eval.contains(key) && eval[key].is_number()) text += fmt::format("{:<26}{:.3f}\n", title, eval[key].get<double>());
  return text;
}

std::string mistakes(const Json& eval) {
  struct Cell {
    long long count;
    std::size_t truth, said;
  };
  std::vector<Cell> cells;
  const Json confusion = eval.value("confusion", Json::array());
  for (std::size_t i = 0; i < confusion.size(); ++i)
    for (std::size_t j = 0; j < confusion[i].size(); ++j)
      if (const auto count = confusion[i][j].get<long long>(); i != j && count > 0) cells.push_back({count, i, j});
  if (cells.empty()) return "";
  std::ranges::stable_sort(cells, std::greater<>(), &Cell::count);
  cells.resize(std::min(cells.size(), kWorst));
  std::vector<std::vector<std::string>> rows{{"most frequent mistakes", "said to be", "photos"}};
  const auto name = [&](std::size_t k) { return printable(eval.at("classes").at(k).at("name").get<std::string>()); };
  for (const Cell& cell : cells) rows.push_back({name(cell.truth), name(cell.said), with_commas(cell.count)});
  return "\n" + eval::aligned(rows, 2);
}

std::optional<Json> read_if_there(const fs::path& file) {
  std::error_code code;
  return fs::is_regular_file(file, code) ? std::optional(read_json(file)) : std::nullopt;
}

/// Where there is a model to say so.
std::vector<artifact::Link> chain_in(const fs::path& run) {
  std::error_code code;
  if (!fs::is_regular_file(run / "model.onnx", code)) return {};
  return artifact::chain_of(artifact::load_card(run).provenance, printable(run.string()));
}

/// What an adaptation without labels took, and why.
std::string adaptation(const std::optional<Json>& history) {
  if (!history || !history->contains("adaptation")) return "";
  const Json& found = history->at("adaptation");
  return fmt::format("adapted to {} unlabeled photos: {} ({})\n", with_commas(found.at("target_photos").get<long long>()),
                     found.at("chosen").get<std::string>(), printable(found.at("reason").get<std::string>()));
}

/// `eval`: empty if the run was made without labeled photos.
std::string to_text(const fs::path& run, const std::optional<Json>& eval, const std::optional<Json>& history, const std::optional<Json>& cost,
                    const std::vector<artifact::Link>& chain) {
  const std::string name = printable(run.string());
  std::string text = eval ? fmt::format("{}, on {} validation photos\n", name, with_commas(eval->at("count").get<long long>())) + accuracy(*eval)
                          : fmt::format("{}, made without labeled photos: its accuracy is not known\n", name);
  text += adaptation(history);
  if (history)
    for (const Json& phase : history->at("phases")) text += curves(phase);
  if (eval) text += mistakes(*eval);
  text += chain_text(chain);
  text += '\n';
  if (cost)
    text += fmt::format("time:   {:.1f} s, {:.1f} s of CPU, {} at most\n", cost->at("seconds").get<double>(), cost->at("cpu_seconds").get<double>(),
                        human_bytes(cost->at("peak_memory_bytes").get<unsigned long long>()));
  std::error_code code;
  if (fs::is_regular_file(run / report::kPage, code)) text += fmt::format("report: {}/{}, for any browser\n", name, report::kPage);
  return text + (eval ? fmt::format("files:  {}/predictions.csv has the answer to each validation photo, the worst first\n", name)
                      : fmt::format("next:   graft eval {} PHOTOS, with labeled photos, measures it\n", name));
}

}  // namespace

CommandReference show_reference() { return reference_of<ShowOptions>(kShowText); }

int show_command(std::span<const std::string> words) {
  const auto options = read_config<ShowOptions>(kShowText, words);
  if (!options) return 0;
  const fs::path& run = options->values.run;
  std::optional<Json> eval;
  if (artifact::is_measured(run)) eval = read_json(run / "eval.json");
  const std::optional<Json> history = read_if_there(run / "history.json"), cost = read_if_there(run / "cost.json");
  const std::vector<artifact::Link> chain = chain_in(run);
  if (options->values.output.json) {
    Json all{{"run", printable(run.string())}};
    if (eval) all["evaluation"] = *eval;
    if (history) all["history"] = *history;
    if (cost) all["cost"] = *cost;
    if (!chain.empty()) all["chain"] = chain_json(chain);
    print(all.dump(2) + "\n");
    return 0;
  }
  try {
    print(to_text(run, eval, history, cost, chain));
  } catch (const Json::exception&) {
    throw data_error(printable(run.string()), "its eval.json, history.json or cost.json is not in the format that a run writes",
                     "train the run again");
  }
  return 0;
}

}  // namespace graft::cli
