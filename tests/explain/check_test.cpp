#include "graft/explain/check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "error_text.h"
#include "explain/corner_network.h"
#include "folder.h"
#include "graft/explain/network.h"
#include "graft/explain/shuffled.h"

namespace graft::explain {
namespace {

constexpr int kSide = 64;
data::Preprocess square() { return {.resize = kSide, .crop = kSide}; }

/// A model that is sure where the first pixel is that of the photo, which blur and the mean colour change.
Ask sure_of_first_pixel(std::span<const uint8_t> photo) {
  return [photo](std::span<const uint8_t> rows, std::size_t n) {
    std::vector<double> answers;
    for (std::size_t i = 0; i < n; ++i) answers.push_back(std::ranges::equal(rows.subspan(i * photo.size(), 3), photo.first(3)) ? 1 : 0);
    return answers;
  };
}

TEST(PixelAreas, AreLargeAndSmallWhereTheMapKnowsThePixel) {
  const std::vector<uint8_t> photo = noise(square().row_bytes(), 0);
  HeatMap first{kSide, kSide, std::vector<float>(kSide * kSide)}, last = first;
  first.values[0] = 1;
  last.values[0] = -1;
  const std::vector<PixelAreas> areas = pixel_areas(square(), photo, std::vector{first, last}, 4, 0, 0, sure_of_first_pixel(photo));
  // Of five pictures the first pixel is in four, or in the last; the outer ones count half.
  EXPECT_NEAR(areas[0].insertion, (0.0 / 2 + 1 + 1 + 1 + 1.0 / 2) / 4, 1e-12);
  EXPECT_NEAR(areas[0].deletion, (1.0 / 2 + 0 + 0 + 0 + 0) / 4, 1e-12);
  EXPECT_NEAR(areas[1].insertion, 0.125, 1e-12);
  EXPECT_NEAR(areas[1].deletion, 0.875, 1e-12);
  EXPECT_NEAR(areas[0].difference(), 0.75, 1e-12);
}

/// How much of each picture is the photo's grows evenly from its blurred self to all of it, and falls from all to the mean colour.
TEST(PixelAreas, ChangeAllPixelsInEvenParts) {
  const std::vector<uint8_t> photo = noise(square().row_bytes(), 1);
  std::vector<double> parts;
  const Ask count = [&](std::span<const uint8_t> rows, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = rows.subspan(i * photo.size(), photo.size());
      std::size_t same = 0;
      for (std::size_t p = 0; p < row.size(); p += 3) same += std::ranges::equal(row.subspan(p, 3), std::span(photo).subspan(p, 3)) ? 1U : 0U;
      parts.push_back(static_cast<double>(same) / (kSide * kSide));
    }
    return parts;
  };
  pixel_areas(square(), photo, std::vector{random_map(0, 0)}, 4, 0, 0, count);
  const std::vector<double> wanted{0, 0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0};
  ASSERT_EQ(parts.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(parts[i], wanted[i], 0.002) << i;
}

TEST(PixelAreas, OfAMapThatSaysNothingComeInADrawnOrder) {
  const HeatMap flat{1, 1, {3}};
  std::set<double> insertions;
  for (uint64_t photo = 0; photo < 20; ++photo) {
    const std::vector<uint8_t> row = noise(square().row_bytes(), photo);
    insertions.insert(pixel_areas(square(), row, std::vector{flat}, 4, 0, photo, sure_of_first_pixel(row))[0].insertion);
  }
  EXPECT_EQ(insertions, (std::set<double>{0.125, 0.375, 0.625, 0.875}));
}

TEST(Maps, OfTheCentreAndOfNoise) {
  const HeatMap centre = centre_map({5, 3});
  EXPECT_EQ(std::ranges::max_element(centre.values) - centre.values.begin(), 7);
  EXPECT_EQ(centre.values, mirrored(centre).values);
  EXPECT_LT(centre.at(0, 0), centre.at(0, 1));
  EXPECT_EQ(random_map(1, 2).values, random_map(1, 2).values);
  EXPECT_NE(random_map(1, 2).values, random_map(1, 3).values);
  EXPECT_NE(random_map(1, 2).values, random_map(2, 2).values);
}

/// Expected: scipy.stats.spearmanr.
TEST(RankCorrelation, IsSpearmans) {
  const std::vector<float> a{1, 2, 3, 4};
  EXPECT_NEAR(rank_correlation(a, std::vector<float>{10, 20, 30, 25}), 0.8, 1e-12);
  EXPECT_NEAR(rank_correlation(a, std::vector<float>{4, 3, 2, 1}), -1, 1e-12);
  EXPECT_NEAR(rank_correlation(std::vector<float>{1, 1, 2}, std::vector<float>{1, 2, 3}), 0.8660254037844387, 1e-12);
  EXPECT_EQ(rank_correlation(a, std::vector<float>{2, 2, 2, 2}), 0);
}

TEST(Shuffled, KeepsTheValuesOfTheLayersFromThereOn) {
  const TestFolder folder;
  const Network network = open_network(written(folder.path(), small_network()));
  const std::vector<Forgetting> all = forgettings(*network.graph);
  ASSERT_EQ(all.size(), 3U);
  const auto changed = [&](const Forgetting& f) {
    const Network other = shuffled(network, f.first_node, 5);
    std::string names;
    for (std::size_t p = 0; p < network.graph->parameters.size(); ++p) {
      const graph::Parameter &before = network.graph->parameters[p], &behind = other.graph->parameters[p];
      std::vector<float> x(before.tensor.values.begin(), before.tensor.values.end()), y(behind.tensor.values.begin(), behind.tensor.values.end());
      if (x != y) names += before.name + " ";
      std::ranges::sort(x);
      std::ranges::sort(y);
      EXPECT_EQ(x, y) << before.name;
    }
    EXPECT_NE(other.onnx, network.onnx);
    return all[0].what == f.what ? f.what + ": " + names : f.what;
  };
  EXPECT_EQ(changed(all[0]), "the last layer: fc.weight fc.bias ");
  EXPECT_EQ(changed(all[1]), "the upper half");
  EXPECT_EQ(changed(all[2]), "all layers");
}

MapCheck checked(const graph::Graph& graph, const ExplainOptions& how, std::span<const uint8_t> rows) {
  const TestFolder folder;
  MapChecker checker(open_network(written(folder.path(), graph)), how, {});
  const std::size_t bytes = checker.card().preprocess.row_bytes();
  checker.add(rows.first(bytes), 1);  // by parts as well as at once
  checker.add(rows.subspan(bytes), rows.size() / bytes - 1);
  return checker.finish();
}

TEST(MapCheck, SaysThatMapsOfThePlantedCornerAreRight) {
  const MapCheck check = checked(corner_network(4), {.method = Method::cam}, corner_photos(16));
  EXPECT_EQ(check.photos, 16U);
  EXPECT_EQ(check.method, Method::cam);
  EXPECT_GT(check.maps.mean, check.random.mean);
  EXPECT_GT(check.random.mean, check.centre.mean) << "the corner is the last thing that the center comes to";
  EXPECT_NEAR(check.maps.mean, check.insertion.mean - check.deletion.mean, 1e-9);
  EXPECT_NEAR(check.over_centre.mean, check.maps.mean - check.centre.mean, 1e-9);
  EXPECT_LT(check.over_centre.interval.low, check.over_centre.mean);
  EXPECT_TRUE(check.reliable());
  ASSERT_EQ(check.forgotten.size(), 2U);
  EXPECT_LT(check.forgotten.back().correlation.mean, kSameMap);
  EXPECT_EQ(verdict_of(check).size(), 2U) << verdict_of(check).back();
}

TEST(MapCheck, SaysThatMapsOfANetworkThatKnowsNothingSayNothing) {
  std::vector<uint8_t> rows;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::vector<uint8_t> row = noise(kHeight * kWidth * 3, i);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  graph::Graph graph = small_network();
  std::vector<float> weights(graph.find("fc.weight")->tensor.values.begin(), graph.find("fc.weight")->tensor.values.end());
  for (float& w : weights) w *= 0.05F;  // as small as a layer is that has not learned
  graph.find("fc.weight")->tensor = graph::Tensor::copy_of(weights);
  const MapCheck check = checked(graph, {.method = Method::cam}, rows);
  EXPECT_FALSE(check.reliable());
  EXPECT_GT(check.over_centre.interval.low, 0) << "surely more, but of nothing: " << check.over_centre.mean;
  EXPECT_TRUE(verdict_of(check).front().starts_with("These maps are not shown to say more than the center of the picture:"));
  EXPECT_EQ(verdict_of(check).back(), "Do not rely on them.");
}

/// All weights of a layer are alike, so that shuffling changes nothing: the maps show where the photo is bright.
TEST(MapCheck, SaysThatMapsWhichOutliveTheWeightsAreNotOfTheModel) {
  graph::Graph graph = corner_network(4);
  const std::vector<float> weights(2 * 24, 0.2F);
  graph.find("fc.weight")->tensor = graph::Tensor::copy_of(weights);
  const MapCheck check = checked(graph, {.method = Method::cam}, corner_photos(16));
  EXPECT_GT(check.forgotten.back().correlation.interval.low, kSameMap);
  EXPECT_FALSE(check.learned());
  EXPECT_FALSE(check.reliable());
}

TEST(MapCheck, WantsEnoughPhotos) {
  EXPECT_EQ(test::error_of([] { checked(corner_network(4), {.method = Method::cam}, corner_photos(9)); }),
            "data: --check: 9 photos, expected at least 10; a mean over fewer photos says little about the maps of others");
}

/// As numbers alone: what the sentences are by.
TEST(MapCheck, SentencesFollowTheNumbers) {
  MapCheck check{.photos = 36, .maps = {0.24, {0.17, 0.31}}, .centre = {0.11, {0.05, 0.16}}, .random = {0.04, {0, 0.08}}};
  check.over_centre = {0.13, {0.05, 0.2}};
  check.over_random = {0.2, {0.12, 0.29}};
  check.forgotten = {{"the last layer", {0.3, {0.2, 0.4}}}, {"all layers", {0.02, {-0.1, 0.1}}}};
  EXPECT_TRUE(check.reliable());
  EXPECT_EQ(
      verdict_of(check),
      (std::vector<std::string>{
          "These maps say more than the center of the picture: insertion minus deletion is 0.240 (0.170 to 0.310) against 0.110 (0.050 to 0.160).",
          "They depend on what the model has learned: shuffled weights leave a rank correlation of 0.020 (-0.100 to 0.100)."}));
  check.forgotten.back().correlation = {0.8, {0.7, 0.9}};
  EXPECT_FALSE(check.reliable());
  EXPECT_EQ(
      verdict_of(check)[1],
      "They stay the same when all weights are shuffled (rank correlation 0.800 (0.700 to 0.900)): they show the picture, and not what the model "
      "has learned.");
  EXPECT_EQ(verdict_of(check).back(), "Do not rely on them.");
  check.over_centre = {0.01, {-0.05, 0.06}};
  check.over_random = {0.01, {-0.05, 0.06}};
  EXPECT_EQ(verdict_of(check)[0],
            "These maps are not shown to say more than the center of the picture: insertion minus deletion is 0.240 (0.170 to 0.310) against 0.110 "
            "(0.050 to 0.160).");
  EXPECT_EQ(verdict_of(check)[1], "These maps are not shown to say more than smooth noise, which has 0.040 (0.000 to 0.080).");
  check.over_centre = {-0.1, {-0.15, -0.06}};
  EXPECT_TRUE(verdict_of(check)[0].starts_with("These maps say less than the center of the picture:"));
}

}  // namespace
}  // namespace graft::explain
