// Every recipe from end to end by the real program, on a few made photos and for one epoch.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/models/registry.h"
#include "graft/study/recipe.h"
#include "graft/weights/file/safetensors.h"
#include "models/rule.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Recipes : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down"}, 6);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static void write_weights(const std::string& name) {
    graph::Graph graph = models::find(name).build(1000, 224);
    rule::fill(graph);
    std::vector<weights::NamedTensor> tensors;
    for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
    weights::write_safetensors(*folder_ / (name + ".safetensors"), tensors, {});
  }

  static TestFolder* folder_;
};
TestFolder* Recipes::folder_ = nullptr;

TEST_P(Recipes, TrainsFromEndToEnd) {
  const std::string name = GetParam();
  std::vector<std::string> words = {"fit", "photos", "--recipe", name,       "--epochs", "1",      "--batch",
                                    "4",   "--size", "64",       "--resize", "64",       "--json", "-q"};
  words.insert(words.end(), {"--out", name, "--precision", "float32"});
  const study::Recipe recipe = study::find_recipe(name);
  const std::string text = recipe.text;
  for (const std::string network : {"vgg16", "resnet18"}) {
    if (text.find("\"" + network.substr(0, 3)) == std::string::npos) continue;
    write_weights(network);
    words.insert(words.end(), {"--weights", network + ".safetensors"});
    if (network == "resnet18") words.insert(words.end(), {"--backbone", network});  // for larger ones, too
  }
  const Finished done = run(*folder_, words);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json answer = json::parse(done.out);
  const std::size_t trainings = recipe.phases.size() + recipe.rows.size();
  if (trainings > 0) {
    EXPECT_EQ(answer["report"]["rows"].size(), trainings);
    EXPECT_TRUE(answer.contains("deployed"));
  } else {
    EXPECT_EQ(answer["config"]["batch"]["source"], "flag");
    EXPECT_EQ(answer["config"]["optimizer"]["reason"], "recipe " + name);
  }
  EXPECT_EQ(run(*folder_, {"predict", name, "photos/down/3.bmp", "-q"}).exit_code, 0);
}

std::vector<std::string> all_recipes() {
  std::vector<std::string> names;
  for (const study::Recipe& recipe : study::recipes()) names.push_back(recipe.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, Recipes, testing::ValuesIn(all_recipes()), [](const auto& chosen) {
  std::string name = chosen.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace graft
