#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/find_lr.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/models_params.h"
#include "graft/cli/study_answers.h"
#include "graft/fit/fit.h"
#include "graft/fit/preview.h"
#include "graft/study/study.h"

namespace graft::cli {
namespace {

const CommandText kText{
    "graft fit",
    "Train a model on labelled images: a new last layer on a pretrained network, then as much of the network as pays, checked on images it has not "
    "seen.",
    {"graft fit photos/", "graft fit photos/ --strategy partial --unfreeze 2 --epochs 20", "graft fit --resume runs/photos-20261122-101500",
     "graft fit photos/ --strategy full --find-lr --out curve.svg", "graft fit photos/ --strategy full --compare scratch,head",
     "graft fit photos/ --out model --imbalance auto", "graft fit labels.csv --val holdout/ --backbone resnet50"}};

using Options = WithOutput<study::FitStudyConfig>;

/// The most expensive operators of a training, as many as fill a screen.
std::string profile_table(const std::vector<train::OperatorTime>& times) {
  constexpr std::size_t kRows = 20;
  double all = 0;
  for (const train::OperatorTime& t : times) all += t.seconds;
  std::string text = fmt::format("{:<56} {:>8} {:>8} {:>6}  {}\n", "operator", "calls", "seconds", "share", "kernel");
  for (std::size_t i = 0; i < std::min(kRows, times.size()); ++i)
    text += fmt::format("{:<56} {:>8} {:>8.2f} {:>5.1f}%  {}\n", times[i].what, times[i].calls, times[i].seconds, 100 * times[i].seconds / all,
                        times[i].kernel);
  return text + fmt::format("{} operators in all, {:.2f} s\n\n", times.size(), all);
}

nlohmann::ordered_json profile_json(const std::vector<train::OperatorTime>& times) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const train::OperatorTime& t : times) list.push_back({{"operator", t.what}, {"kernel", t.kernel}, {"calls", t.calls}, {"seconds", t.seconds}});
  return list;
}

nlohmann::ordered_json to_json(const Configured<fit::FitConfig>& config, const fit::FitResult& result, double seconds) {
  return {{"run", printable(result.run.string())},
          {"model", printable((result.run / "model.onnx").string())},
          {"precision", engine::to_string(result.precision)},
          {"seconds", seconds},
          {"strategy", transfer::to_string(result.strategy)},
          {"train_images", result.train_images},
          {"val_images", result.val_images},
          {"unreadable", result.unreadable},
          {"cached", result.cached ? nlohmann::ordered_json(*result.cached) : nlohmann::ordered_json()},
          {"train_accuracy", result.train_accuracy},
          {"evaluation", result.multi_label ? eval::to_json(*result.multi_label) : eval::to_json(result.evaluation)},
          {"profile", profile_json(result.times)},
          {"config", json_record(config)}};
}

/// The options that decided most.
std::vector<const char*> told_of(const fit::FitConfig& c) {
  std::vector<const char*> options{"strategy", "epochs", "batch", "lr", "augment", "precision"};
  if (!c.by_steps()) options = {"strategy", "features", "l2", "precision"};
  if (c.training.imbalance != train::Imbalance::none) options.insert(options.begin() + 1, "imbalance");
  if (!c.plan.unfreeze.empty()) options.insert(options.begin() + 1, "unfreeze");
  return options;
}

std::string to_text(const Configured<fit::FitConfig>& config, const fit::FitResult& result, double seconds) {
  const std::string run = printable(result.run.string());
  std::string text = result.times.empty() ? "" : profile_table(result.times);
  text += result.multi_label ? eval::to_table(*result.multi_label) : eval::to_table(result.evaluation);
  text += fmt::format("\ntraining accuracy {:.3f}; ", result.train_accuracy);
  if (result.cached)
    text += fmt::format("{} of {} features from the cache; ", *result.cached, result.train_images + result.val_images + result.unreadable);
  text += fmt::format("{:.1f} s\n", seconds);
  for (const char* option : told_of(config.values)) text += describe(config, option) + "\n";
  return text + fmt::format("model: {}/model.onnx, in {}, checked against training\nnext:  graft predict {} photo.jpg\n", run,
                            engine::to_string(result.precision), shell_word(result.run.string()));
}

/// 95 s -> "1:35 min"; 3.1 s -> "3.1 s".
std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  return whole < 3600 ? fmt::format("{}:{:02} min", whole / 60, whole % 60) : fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

void print_preview(const Configured<fit::FitConfig>& config, const fit::Preview& preview, const OutputOptions& output) {
  constexpr double kMB = 1e6;
  if (output.json) {
    nlohmann::ordered_json json{{"seconds", preview.seconds},
                                {"step_seconds", preview.step_seconds},
                                {"bytes", preview.bytes},
                                {"disk_bytes", preview.disk_bytes},
                                {"plan", params_json(preview.network, preview.plan)},
                                {"config", json_record(config)}};
    return print(json.dump(2) + "\n");
  }
  std::string text = params_table(preview.network, preview.plan) + "\n";
  for (const char* option : told_of(config.values)) text += describe(config, option) + "\n";
  text += fmt::format("\nabout {} after the features, {:.0f} MB of memory", duration(preview.seconds), static_cast<double>(preview.bytes) / kMB);
  if (preview.disk_bytes > 0) text += fmt::format(", {:.0f} MB on disk while it trains", static_cast<double>(preview.disk_bytes) / kMB);
  print(text + "; nothing was written\n");
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

CommandReference fit_reference() { return reference_of<Options>(kText); }

int fit_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto options = read_config<Options>(kText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<study::FitStudyConfig> whole{options->values, options->origins};
  if (whole.values.is_study() || (whole.values.resume && study::is_study(*whole.values.resume, "fit"))) {
    if (whole.values.dry_run || whole.values.find_lr)
      throw usage_error(whole.values.dry_run ? "--dry-run" : "--find-lr", "is of one training, and these are several",
                        "give the options of one of them");
    const study::Found found = study::fit_study(whole, listener_for(output));
    return print_study(found, seconds_since(start), output), 0;
  }
  study::apply_recipe(whole);
  Configured<fit::FitConfig> config{whole.values, whole.origins};
  check_picture(config);
  if (config.values.dry_run) return print_preview(config, fit::preview(config, listener_for(output)), output), 0;
  if (config.values.find_lr) return print_lr(config, output), 0;
  const fit::FitResult result = fit::fit(config, listener_for(output));
  const double seconds = seconds_since(start);
  if (output.json) print(to_json(config, result, seconds).dump(2) + "\n");
  else report(output, to_text(config, result, seconds));
  return 0;
}

}  // namespace graft::cli
