#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/download_progress.h"
#include "graft/fit/fit.h"

namespace graft::cli {
namespace {

const CommandText kText{
    "graft fit",
    "Train a model on labelled images: a new last layer on a frozen pretrained network, checked on images it has not seen.",
    {"graft fit photos/", "graft fit photos/ --out model --class-weights balanced", "graft fit labels.csv --val holdout/ --backbone resnet50"}};

struct Options : fit::FitConfig {
  OutputOptions output;
  template <class Visitor>
  void fields(Visitor& v) {
    fit::FitConfig::fields(v);
    output.fields(v);
  }
};

fit::Listener listener_for(const OutputOptions& output) {
  fit::Listener listener;
  listener.note = [&output](const std::string& sentence) { remark(output, sentence); };
  listener.begin = [&output](const std::string& what, std::size_t total) -> std::function<void(std::size_t)> {
    auto progress = std::make_shared<Progress>(what, total, progress_style(output));
    return [progress, left = total](std::size_t done) mutable {
      progress->advance(done);
      left -= done;
      if (left == 0) progress->finish();
    };
  };
  listener.download = [&output, draw = std::function<void(uint64_t, uint64_t)>()](const std::string& file, uint64_t done, uint64_t total) mutable {
    if (!draw) draw = download_progress(file, output);
    draw(done, total);
  };
  return listener;
}

nlohmann::ordered_json to_json(const Configured<fit::FitConfig>& config, const fit::FitResult& result, double seconds) {
  return {{"run", printable(result.run.string())},
          {"model", printable((result.run / "model.onnx").string())},
          {"seconds", seconds},
          {"train_images", result.train_images},
          {"val_images", result.val_images},
          {"unreadable", result.unreadable},
          {"cached", result.cached},
          {"train_accuracy", result.train_accuracy},
          {"evaluation", eval::to_json(result.evaluation)},
          {"config", json_record(config)}};
}

std::string to_text(const Configured<fit::FitConfig>& config, const fit::FitResult& result, double seconds) {
  const std::string run = printable(result.run.string());
  std::string text = eval::to_table(result.evaluation);
  text += fmt::format("\ntraining accuracy {:.3f}; {} of {} features from the cache; {:.1f} s\n", result.train_accuracy, result.cached,
                      result.train_images + result.val_images + result.unreadable, seconds);
  for (const char* option : {"features", "l2", "precision"}) text += describe(config, option) + "\n";
  return text + fmt::format("model: {0}/model.onnx, checked against training\nnext:  graft predict {0} photo.jpg\n", run);
}

}  // namespace

int fit_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto options = read_config<Options>(kText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<fit::FitConfig> config{options->values, options->origins};
  const fit::FitResult result = fit::fit(config, listener_for(output));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print(output.json ? to_json(config, result, seconds).dump(2) + "\n" : to_text(config, result, seconds));
  return 0;
}

}  // namespace graft::cli
