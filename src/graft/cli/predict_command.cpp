#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/inference_options.h"
#include "graft/data/dataset.h"
#include "graft/eval/evaluation.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kChunk = 512;  // photos between two prints

const CommandText kText{"graft predict",
                        "Say what is on photos, with the probability of each answer.",
                        {"graft predict runs/cells photo.jpg", "graft predict model.onnx photos/ --csv > answers.csv",
                         "find . -name '*.jpg' | graft predict runs/cells - --json"}};

struct Options {
  fs::path model;
  std::vector<fs::path> photos;
  int top = 3;
  bool csv = false;
  InferenceOptions inference;
  OutputOptions output;

  template <class Visitor>
  void fields(Visitor& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("photos", photos, "image files and folders; - reads a list of them from standard input");
    v("top", top, "how many answers a photo", Shorthand{'k'}, at_least(1));
    inference.fields(v);
    output.fields(v);
    v("csv", csv, "results as CSV: path, label, probability, and so on to --top");
  }
};

struct Answer {
  std::string path;
  std::vector<eval::Ranked> ranked;
};

std::string json_line(const Answer& answer, const std::vector<std::string>& labels) {
  nlohmann::ordered_json line{{"path", answer.path}, {"predictions", nlohmann::ordered_json::array()}};
  for (const eval::Ranked& r : answer.ranked)
    line["predictions"].push_back({{"label", labels[static_cast<std::size_t>(r.label)]}, {"probability", r.probability}});
  return line.dump() + "\n";
}

std::string csv_header(int top) {
  std::string header = "path,label,probability";
  for (int k = 2; k <= top; ++k) header += fmt::format(",label_{0},probability_{0}", k);
  return header + "\n";
}

std::string csv_line(const Answer& answer, const std::vector<std::string>& labels) {
  std::string line = csv_field(answer.path);
  for (const eval::Ranked& r : answer.ranked) line += fmt::format(",{},{:.6f}", csv_field(labels[static_cast<std::size_t>(r.label)]), r.probability);
  return line + "\n";
}

std::string text_line(const Answer& answer, const std::vector<std::string>& labels) {
  std::string line = answer.path;
  for (const eval::Ranked& r : answer.ranked) line += fmt::format("  {} {:.1f} %", labels[static_cast<std::size_t>(r.label)], 100 * r.probability);
  return line + "\n";
}

}  // namespace

int predict_command(std::span<const std::string> words) {
  const auto config = read_config<Options>(kText, words);
  if (!config) return 0;
  const Options& o = config->values;
  if (o.csv && o.output.json) throw usage_error("--csv", "cannot go with --json", "choose one");
  const std::vector<fs::path> photos = data::list_images(o.photos, std::cin);
  artifact::Model model = o.inference.load(o.model, photos.size());
  const int top = std::min(o.top, static_cast<int>(model.classes()));
  if (o.csv) print(csv_header(top));

  Progress progress("predict", photos.size(), photos.size() > 1 ? progress_style(o.output) : ProgressStyle{});
  std::size_t unreadable = 0;
  for (std::size_t first = 0; first < photos.size(); first += kChunk) {
    const std::vector<fs::path> chunk(photos.begin() + static_cast<std::ptrdiff_t>(first),
                                      photos.begin() + static_cast<std::ptrdiff_t>(std::min(first + kChunk, photos.size())));
    const artifact::Predictions predictions = artifact::predict(model, chunk, o.inference.threads, [&](std::size_t n) { progress.advance(n); });
    std::string text;
    auto bad = predictions.unreadable.begin();
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (bad != predictions.unreadable.end() && bad->index == i) {
        std::fputs((std::string("graft: ") + bad->error.what() + "\n").c_str(), stderr);
        ++bad, ++unreadable;
        continue;
      }
      const Answer answer{printable(chunk[i].string()),
                          eval::top_k(std::span(predictions.probabilities).subspan(i * model.classes(), model.classes()), top)};
      text += (o.output.json ? json_line : o.csv ? csv_line : text_line)(answer, model.card.labels);
    }
    print(text);
  }
  progress.finish();
  return unreadable == 0 ? 0 : 1;
}

}  // namespace graft::cli
