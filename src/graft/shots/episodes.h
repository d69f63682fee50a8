// The benchmark of few-shot learning: many small tasks drawn from one data set, each solved by every rule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/data/episode.h"
#include "graft/search/embed.h"
#include "graft/shots/learn.h"
#include "graft/shots/photos.h"

namespace graft::shots {

/// The options of `graft episodes`.
struct EpisodesConfig : search::NetworkConfig {
  std::filesystem::path data;
  int ways = 5;
  std::string shots = "1,5";
  int queries = 15;
  int episodes = 600;
  uint64_t seed = 0;
  Centre centre = Centre::none;
  bool transductive = false;
  std::optional<std::filesystem::path> csv;
  bool force = false, skip_unreadable = false;
  data::SourceOptions source;

  void fields(FieldList& v);
};

/// The numbers of shots. Error (usage) for a text that is not a list of numbers.
std::vector<int> shots_of(const EpisodesConfig& config);

/// The result of an episode: the fraction of its queries that each rule gets right.
struct EpisodeScore {
  std::vector<double> accuracy;  // in the order of EpisodeScores::rules
  head::Rule taken;              // by auto
  data::Episode photos;
};
struct EpisodeScores {
  int shots;
  std::vector<std::string> rules;  // "prototypes", "lda", "ridge", "logistic", "auto", and "transport" if the queries are classified together
  std::vector<EpisodeScore> episodes;
};

/// Every rule's answers to an episode of rows of `seen`. Of `config` it uses the ways, the centre, whether queries are answered together, and the seed.
EpisodeScore play(const EpisodesConfig& config, const Seen& seen, data::Episode photos);

/// A mean and half the width of its 95 % interval (1.96 standard errors).
struct Mean {
  double value, half;
};
Mean mean_of_all(std::span<const double> values);
Mean accuracy_of(const EpisodeScores& scores, std::size_t rule);
/// How much better the rule is than prototypes on the same episodes.
Mean gain_of(const EpisodeScores& scores, std::size_t rule);

struct EpisodesResult {
  std::string backbone;
  std::size_t classes, photos;        // from which episodes are drawn
  std::vector<EpisodeScores> scores;  // for each number of shots
};

/// Features are computed once. Episodes are distributed over the threads; their number does not change the result. All threads call what `watch` of the
/// listener gave. Errors: as all_of; fewer classes than ways, too few photos per class for shots and queries.
EpisodesResult run_episodes(const EpisodesConfig& config, const Listener& listener);

/// shots,episode, the accuracy of each rule, and the numbers of the photos in the list of all, sorted by class and path.
std::string to_csv(const EpisodesResult& result);

}  // namespace graft::shots
