#include "graft/weights/positions.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/models/registry.h"
#include "graft/weights/file/safetensors.h"
#include "graft/weights/load.h"
#include "models/rule.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

TEST(Positions, are_resampled_as_timm_does) {
  std::ifstream file(fixture("positions.json"));
  const nlohmann::json cases = nlohmann::json::parse(file);
  ASSERT_EQ(cases.size(), 6U);
  for (const nlohmann::json& c : cases) {
    const graph::Dims from = c["from"];
    const Positions to{"pos_embed", c["prefix"], c["height"], c["width"], from[2]};
    ASSERT_TRUE(can_resample_positions(from, to));
    const std::vector<float> theirs = c["values"], ours = resample_positions(rule::values("pos_embed", from), from, to);
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], 1e-6F) << to.height << "x" << to.width << " at " << i;
  }
}

TEST(Positions, fit_only_another_square_of_the_same_kind) {
  const Positions ours{"pos_embed", 1, 14, 14, 384};
  EXPECT_TRUE(can_resample_positions({1, 1 + 37 * 37, 384}, ours));
  EXPECT_FALSE(can_resample_positions({1, 37 * 37, 384}, ours)) << "no class token";
  EXPECT_FALSE(can_resample_positions({1, 2 + 14 * 14, 384}, ours)) << "a distillation token";
  EXPECT_FALSE(can_resample_positions({1, 1 + 37 * 37, 768}, ours));
  EXPECT_FALSE(can_resample_positions({2, 1 + 37 * 37, 384}, ours));
  EXPECT_FALSE(can_resample_positions({1 + 37 * 37, 384}, ours));
  EXPECT_FALSE(can_resample_positions({1, 0, 384}, ours));
}

/// The parameters of `name` for pictures of `from`, in a file; `odd` is one position more than a square.
std::filesystem::path file_of(const TestFolder& folder, const char* name, Size from, bool odd = false) {
  graph::Graph graph = models::find(name).build(1000, from);
  rule::fill(graph);
  std::vector<NamedTensor> tensors;
  std::vector<float> longer;
  for (const graph::Parameter& p : graph.parameters) {
    tensors.push_back({p.name, p.shape, p.tensor.values});
    if (!odd || !p.name.ends_with("pos_embed")) continue;
    longer.assign(p.tensor.values.begin(), p.tensor.values.end());
    longer.resize(longer.size() + static_cast<std::size_t>(p.shape[2]));
    tensors.back() = {p.name, {1, p.shape[1] + 1, p.shape[2]}, longer};
  }
  const std::filesystem::path path = folder.path() / "weights.safetensors";
  write_safetensors(path, tensors, {});
  return path;
}

TEST(Positions, of_a_file_for_another_size_are_loaded) {
  const TestFolder folder;
  const StateDict dict = read(file_of(folder, "deit_s_16", 64));
  graph::Graph graph = models::find("deit_s_16").build(1000, 96);
  EXPECT_EQ(load(dict, graph).loaded.size(), graph.parameters.size());
  const graph::Dims from{1, 17, 384};
  const Positions to{"pos_embed", 1, 6, 6, 384};
  const std::span<const float> loaded = graph.find("pos_embed")->tensor.values;
  EXPECT_EQ(std::vector<float>(loaded.begin(), loaded.end()), resample_positions(rule::values("pos_embed", from), from, to));
  EXPECT_EQ(graph.find("norm.bias")->tensor.values[7], rule::values("norm.bias", {384})[7]);
}

TEST(Positions, are_fitted_to_pictures_of_any_size) {
  const TestFolder folder;
  const std::filesystem::path path = file_of(folder, "deit_s_16", 64);
  graph::Graph graph = models::find("deit_s_16").build(1000, Size(96, 32));
  load(read(path), graph);
  const std::span<const float> loaded = graph.find("pos_embed")->tensor.values;
  const graph::Dims from{1, 17, 384};
  EXPECT_EQ(std::vector<float>(loaded.begin(), loaded.end()), resample_positions(rule::values("pos_embed", from), from, {"pos_embed", 1, 6, 2, 384}));
}

/// As many patches as a square has: nobody can tell whose they are.
TEST(Positions, of_as_many_places_are_refused) {
  const TestFolder folder;
  const std::filesystem::path path = file_of(folder, "deit_s_16", 64);
  graph::Graph graph = models::find("deit_s_16").build(1000, Size(128, 32));
  EXPECT_EQ(error_of(path, [&] { load(read(path), graph); }),
            "its pos_embed are for 16 positions, which could be a square or 8x2; choose another --size");
}

TEST(Positions, of_no_square_are_an_error) {
  const TestFolder folder;
  const std::filesystem::path path = file_of(folder, "deit_s_16", 64, true);
  graph::Graph graph = models::find("deit_s_16").build(1000, 96);
  EXPECT_EQ(error_of(path, [&] { load(read(path), graph, {.model = "deit_s_16"}); }), "pos_embed is 1x18x384, deit_s_16 expects 1x37x384");
}

}  // namespace
}  // namespace graft::weights
