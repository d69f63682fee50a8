// The benchmark of few-shot learning: many small tasks drawn from one set of photos, each answered by every rule.
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

/// What `graft episodes` can be told.
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

/// The numbers of shots. Error (usage) for a text that is none.
std::vector<int> shots_of(const EpisodesConfig& config);

/// What an episode's answers are worth: the part of its queries that each rule names right.
struct EpisodeScore {
  std::vector<double> accuracy;  // in the order of EpisodeScores::rules
  head::Rule taken;              // by auto
  data::Episode photos;
};
struct EpisodeScores {
  int shots;
  std::vector<std::string> rules;  // "prototypes", "lda", "ridge", "logistic", "auto", and "transport" where the queries are answered together
  std::vector<EpisodeScore> episodes;
};

/// Every rule's answers to an episode of rows of `seen`; of `config` the ways, the centre, whether all are answered together, and the seed count.
EpisodeScore play(const EpisodesConfig& config, const Seen& seen, data::Episode photos);

/// A mean with half the width of its 95 % interval, 1.96 standard errors.
struct Mean {
  double value, half;
};
Mean mean_of_all(std::span<const double> values);
Mean accuracy_of(const EpisodeScores& scores, std::size_t rule);
/// How much better it is than prototypes on the same episodes.
Mean gain_of(const EpisodeScores& scores, std::size_t rule);

struct EpisodesResult {
  std::string backbone;
  std::size_t classes, photos;        // that episodes are drawn from
  std::vector<EpisodeScores> scores;  // of each number of shots
};

/// Features are computed once; episodes are shared out among the threads, whose number changes nothing; all of them call what `watch` of the listener gave. Errors: as all_of; fewer classes than ways, too few photos a class for shots and queries.
EpisodesResult run_episodes(const EpisodesConfig& config, const Listener& listener);

/// shots,episode, the accuracy of each rule, and the numbers of the photos in the list of all, sorted by class and path.
std::string to_csv(const EpisodesResult& result);

}  // namespace graft::shots
