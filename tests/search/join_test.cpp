// Joined networks through everything that makes features of a photo: weights, Graph, ONNX, engine and cache.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/graph/walks.h"
#include "graft/search/embed.h"
#include "graft/search/network.h"
#include "graft/weights/file/safetensors.h"
#include "models/rule.h"

namespace graft::search {
namespace {

namespace fs = std::filesystem;

class JoinedNetworks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    setenv("GRAFT_CACHE", folder_->path().c_str(), 1);
    write_weights("efficientnet_lite1", "tf_efficientnet_lite1.in1k");
    for (int kind = 0; kind < 3; ++kind) {  // of the network's size: these two resize by different filters
      photos_.push_back(*folder_ / (std::to_string(kind) + ".bmp"));
      write_file(photos_.back(), made_photo(kind, 1, 64, 64), Sync::later);
    }
  }
  static void TearDownTestSuite() {
    unsetenv("GRAFT_CACHE");
    delete folder_;
    folder_ = nullptr;
    photos_.clear();
  }

  static void write_weights(const std::string& name, const std::string& file) {
    graph::Graph graph = models::find(name).build(models::kImageNetClasses, 64);
    rule::fill(graph);
    std::vector<weights::NamedTensor> tensors;
    for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
    fs::create_directories(*folder_ / "weights");
    weights::write_safetensors(*folder_ / "weights" / (file + ".safetensors"), tensors, {}, Sync::later);
  }

  static EmbedConfig asked(const std::string& backbone) {
    EmbedConfig config;
    config.data = photos_;
    config.backbone = backbone;
    config.size = 64;
    config.resize = 64;
    config.precision = engine::Precision::float32;
    config.threads = 2;
    return config;
  }

  inline static TestFolder* folder_ = nullptr;
  inline static std::vector<fs::path> photos_;
};

constexpr const char* kOne = "efficientnet_lite0";
constexpr const char* kOther = "efficientnet_lite1.in1k";  // normalises its pictures otherwise
const std::string kBoth = std::string(kOne) + "+" + kOther;

TEST_F(JoinedNetworks, GiveWhatEachOfThemGives) {
  const Embedding one = embed(asked(kOne), photos_), other = embed(asked(kOther), photos_), both = embed(asked(kBoth), photos_);
  ASSERT_EQ(both.width, one.width + other.width);
  float largest = 0;
  for (const float value : both.values) largest = std::max(largest, std::abs(value));
  for (std::size_t photo = 0; photo < photos_.size(); ++photo)
    for (std::size_t i = 0; i < both.width; ++i) {
      const float alone = i < one.width ? one.values[photo * one.width + i] : other.values[photo * other.width + i - one.width];
      ASSERT_NEAR(both.values[photo * both.width + i], alone, 1e-4 * largest) << "photo " << photo << ", feature " << i;
    }
  EXPECT_EQ(both.info.backbone, kBoth);
  EXPECT_EQ(both.info.weights_file, "efficientnet-lite0-57934424.pth+tf_efficientnet_lite1.in1k.safetensors");
  EXPECT_EQ(both.info.weights_sha256, one.info.weights_sha256 + "+" + other.info.weights_sha256);
  EXPECT_EQ(both.info.preprocess, one.info.preprocess) << "the first says how a photo is seen";
  EXPECT_EQ(embed(asked(kBoth), photos_).cached, photos_.size());
}

TEST_F(JoinedNetworks, AreOpenedAgainByTheirIndex) {
  const Embedding both = embed(asked(kBoth), photos_);
  const OpenedNetwork again = reopen_network(both.info, {});
  EXPECT_EQ(again.sha256, both.info.weights_sha256);
  EXPECT_EQ(graph::feature_count(again.graph), static_cast<int64_t>(both.width));
  EXPECT_EQ(test::error_of([&] { reopen_network(both.info, "mine.pth"); }),
            "usage: --weights: " + kBoth + " takes the published weights of each; omit --weights");
}

TEST_F(JoinedNetworks, SayWhichSeesPicturesOfAnotherSize) {
  EmbedConfig config = asked(kBoth);
  config.size.reset();
  config.resize.reset();
  const OpenedNetwork network = open_network(config);
  EXPECT_EQ(network.preprocess.crop, Size(224));
  ASSERT_FALSE(network.notes.empty());
  EXPECT_EQ(network.notes.back(),
            "efficientnet_lite1.in1k was trained with pictures of 240x240; here it gets those of 224x224, like efficientnet_lite0");
}

TEST_F(JoinedNetworks, RefuseWhatIsForOneNetwork) {
  EmbedConfig config = asked(kBoth);
  config.weights = "mine.pth";
  EXPECT_EQ(test::error_of([&] { check_network(config); }), "usage: --weights: " + kBoth + " takes the published weights of each; omit --weights");
  config = asked(kBoth);
  config.weights_key = "ema";
  EXPECT_EQ(test::error_of([&] { check_network(config); }),
            "usage: --weights-key: " + kBoth + " takes the published weights of each; omit --weights-key");
  EXPECT_EQ(test::error_of([&] { check_network(asked("efficientnet_lite0+encoder.onnx")); }),
            "data: efficientnet_lite0+encoder.onnx: no such file; only networks that `graft models` lists can be joined, not files");
}

}  // namespace
}  // namespace graft::search
