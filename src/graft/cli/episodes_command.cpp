#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/shots/episodes.h"

namespace graft::cli {
namespace {

const CommandText kEpisodesText{
    "graft episodes",
    "Measure how far a few labeled photos get: many small tasks are drawn from a data set, and every rule of `graft shots` solves each of them.",
    {"graft episodes photos/", "graft episodes photos/ --ways 5 --shots 1,5,20 --queries 15 --episodes 600 --seed 0",
     "graft episodes photos/ --backbone resnet50 --transductive --csv episodes.csv"}};

using EpisodesOptions = WithOutput<shots::EpisodesConfig>;

nlohmann::ordered_json interval(const shots::Mean& mean) { return {mean.value - mean.half, mean.value + mean.half}; }

nlohmann::ordered_json to_json(const shots::EpisodesResult& result, const EpisodesOptions& o) {
  nlohmann::ordered_json json{{"data", printable(o.data.string())},
                              {"classes", result.classes},
                              {"photos", result.photos},
                              {"backbone", result.backbone},
                              {"ways", o.ways},
                              {"queries", o.queries},
                              {"episodes", o.episodes},
                              {"seed", o.seed},
                              {"results", nlohmann::ordered_json::array()}};
  for (const shots::EpisodeScores& scores : result.scores) {
    nlohmann::ordered_json taken = nlohmann::ordered_json::object();
    for (const head::Rule rule : head::kRules) taken[head::to_string(rule)] = std::ranges::count(scores.episodes, rule, &shots::EpisodeScore::taken);
    for (std::size_t r = 0; r < scores.rules.size(); ++r) {
      const shots::Mean accuracy = accuracy_of(scores, r), gain = gain_of(scores, r);
      json["results"].push_back({{"shots", scores.shots},
                                 {"rule", scores.rules[r]},
                                 {"accuracy", accuracy.value},
                                 {"interval", interval(accuracy)},
                                 {"over_prototypes", {{"difference", gain.value}, {"interval", interval(gain)}}}});
      if (scores.rules[r] == "auto") json["results"].back()["taken"] = taken;
    }
  }
  return json;
}

std::string to_text(const shots::EpisodesResult& result, const EpisodesOptions& o) {
  std::string text = fmt::format("{}: {} classes, {} photos, as {} sees them; {} episodes of {} ways with {} queries per class, seed {}\n\n",
                                 printable(o.data.string()), result.classes, result.photos, result.backbone, o.episodes, o.ways, o.queries, o.seed);
  text += "shots  rule         accuracy (95 % interval)   over prototypes (95 % interval)\n";
  for (const shots::EpisodeScores& scores : result.scores)
    for (std::size_t r = 0; r < scores.rules.size(); ++r) {
      const shots::Mean accuracy = accuracy_of(scores, r), gain = gain_of(scores, r);
      text += fmt::format("{:>5}  {:<11}  {:>5.2f} % ({:.2f} to {:.2f})", scores.shots, scores.rules[r], 100 * accuracy.value,
                          100 * (accuracy.value - accuracy.half), 100 * (accuracy.value + accuracy.half));
      text += r == 0 ? "\n"
                     : fmt::format("   {:>+6.2f} ({:+.2f} to {:+.2f})\n", 100 * gain.value, 100 * (gain.value - gain.half),
                                   100 * (gain.value + gain.half));
    }
  if (o.transductive)
    text += "\ntransport classifies all queries of an episode together and assumes that all classes are equally frequent, as they are here\n";
  return text;
}

}  // namespace

CommandReference episodes_reference() { return reference_of<EpisodesOptions>(kEpisodesText); }

int episodes_command(std::span<const std::string> words) {
  const auto config = read_config<EpisodesOptions>(kEpisodesText, words);
  if (!config) return 0;
  const EpisodesOptions& o = config->values;
  if (o.csv) refuse_target(*o.csv, o.force);
  fit::Listener listener = listener_for(o.output);
  std::optional<Progress> playing;
  listener.watch = [&](const std::string& what, std::size_t total) -> std::function<void(std::size_t)> {
    playing.emplace(what, total, progress_style(o.output), "episodes");
    return [&](std::size_t done) { playing->advance(done); };
  };
  const shots::EpisodesResult result = shots::run_episodes(o, listener);
  playing->finish();
  if (o.csv) write_file(*o.csv, shots::to_csv(result));
  print(o.output.json ? to_json(result, o).dump(2) + "\n" : to_text(result, o));
  return 0;
}

}  // namespace graft::cli
