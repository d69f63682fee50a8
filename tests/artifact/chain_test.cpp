#include "graft/artifact/chain.h"

#include <gtest/gtest.h>

#include "graft/base/error.h"

namespace graft::artifact {
namespace {

using Json = nlohmann::ordered_json;

TEST(ChainOf, GoesBackToThePretrainedNetwork) {
  const Json first = {{"backbone", "resnet18"}, {"strategy", "full"}};
  const Json second = {{"backbone", "model.onnx"}, {"from", {{"run", "chest"}, {"transfer", nullptr}, {"provenance", first}}}};
  const Json third = {{"backbone", "model.onnx"}, {"from", {{"run", "knees"}, {"transfer", {{"verdict", "helps"}}}, {"provenance", second}}}};
  const std::vector<Link> chain = chain_of(third, "crops");
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0].run, "");
  EXPECT_EQ(chain[1].run, "knees");
  EXPECT_EQ(chain[2].run, "chest");
  EXPECT_EQ(chain[0].transfer, Json({{"verdict", "helps"}})) << "of the step from knees to this one";
  EXPECT_TRUE(chain[1].transfer.is_null());
  EXPECT_FALSE(chain[0].made.contains("from"));
  EXPECT_EQ(chain[2].made, first);
  EXPECT_EQ(first_network(chain), "resnet18");
}

TEST(ChainOf, RefusesLinksThatAreNone) {
  const Json good = {{"backbone", "resnet18"}};
  const auto told = [](const Json& provenance) -> std::string {
    try {
      chain_of(provenance, "crops");
      return "nothing";
    } catch (const Error& e) {
      return e.subject() + ": " + e.fact();
    }
  };
  EXPECT_EQ(told(good), "nothing");
  for (const Json& from : {Json(), Json("chest"), Json({{"run", "chest"}}), Json({{"run", 5}, {"provenance", good}})})
    EXPECT_EQ(told({{"backbone", "model.onnx"}, {"from", from}}), "crops: link 1 of the chain of runs it came from is not as graft writes it")
        << from;
  EXPECT_EQ(told({{"from", {{"run", "chest"}, {"provenance", "lost"}}}}),
            "crops: link 2 of the chain of runs it came from is not as graft writes it");
  EXPECT_EQ(told(Json("resnet18")), "crops: link 1 of the chain of runs it came from is not as graft writes it");
  Json longest = good;
  for (std::size_t i = 1; i < kMostLinks; ++i) longest = Json{{"from", {{"run", "r"}, {"provenance", longest}}}};
  EXPECT_EQ(told(longest), "nothing");
  EXPECT_EQ(told({{"from", {{"run", "r"}, {"provenance", longest}}}}), "crops: link 101 of the chain of runs it came from is not as graft writes it");
}

TEST(FirstNetwork, IsEmptyWhereNobodyWroteIt) { EXPECT_EQ(first_network(chain_of(Json::object(), "crops")), ""); }

}  // namespace
}  // namespace graft::artifact
