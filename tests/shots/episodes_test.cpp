// What is drawn, and what of numbers of shots is taken.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "error_text.h"
#include "graft/shots/episodes.h"

namespace graft::shots {
namespace {

const std::vector<std::vector<std::size_t>> kOfClass{{0, 1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12, 13}, {14, 15, 16, 17}};

TEST(Episodes, AreDrawnBySeedAndNumber) {
  const data::Episode episode = data::draw_episode(kOfClass, 3, 1, 3, 0, 7);
  EXPECT_EQ(episode.support.size(), 3U);
  EXPECT_EQ(episode.query.size(), 9U);
  std::set<std::size_t> photos(episode.support.begin(), episode.support.end()), classes;
  photos.insert(episode.query.begin(), episode.query.end());
  EXPECT_EQ(photos.size(), 12U) << "all different";
  const auto class_of = [](std::size_t photo) { return photo < 5 ? 0 : photo < 9 ? 1 : photo < 14 ? 2 : 3; };
  for (std::size_t way = 0; way < 3; ++way) {
    classes.insert(static_cast<std::size_t>(class_of(episode.support[way])));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(class_of(episode.query[3 * way + i]), class_of(episode.support[way]));
  }
  EXPECT_EQ(classes.size(), 3U);
  EXPECT_EQ(data::draw_episode(kOfClass, 3, 1, 3, 0, 7).query, episode.query);
  EXPECT_NE(data::draw_episode(kOfClass, 3, 1, 3, 0, 8).query, episode.query);
  EXPECT_NE(data::draw_episode(kOfClass, 3, 1, 3, 1, 7).query, episode.query);
}

TEST(Episodes, MeansHaveIntervals) {
  EpisodeScores scores{.shots = 1, .rules = {"prototypes", "lda"}, .episodes = {}};
  for (const double x : {0.2, 0.4, 0.6}) scores.episodes.push_back({{x, x + 0.1}, head::Rule::prototypes, {}});
  EXPECT_NEAR(accuracy_of(scores, 0).value, 0.4, 1e-12);
  EXPECT_NEAR(accuracy_of(scores, 0).half, 1.959964 * 0.2 / std::sqrt(3), 1e-9);
  EXPECT_NEAR(gain_of(scores, 1).value, 0.1, 1e-12);
  EXPECT_NEAR(gain_of(scores, 1).half, 0, 1e-9);
}

TEST(Episodes, ShotsAreNumbers) {
  EpisodesConfig config;
  config.shots = "1, 5,20";
  EXPECT_EQ(shots_of(config), (std::vector<int>{1, 5, 20}));
  for (const std::string bad : {"", "1,", "0", "five", "101"}) {
    config.shots = bad;
    EXPECT_EQ(test::error_of([&] { shots_of(config); }),
              "usage: --shots " + bad + ": expected whole numbers from 1 to 100, separated by commas; for instance --shots 1,5");
  }
}

}  // namespace
}  // namespace graft::shots
