#include "graft/train/translation.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "train/small.h"
#include "train/translating.h"

namespace graft::train {
namespace {

using small::different, small::message_of;
namespace fs = std::filesystem;

TranslationConfig config_of(int epochs) {
  TranslationConfig config{.epochs = epochs, .lr = 2e-3, .pool = 3, .seed = 5};
  config.threads = 1;
  return config;
}

TranslationResult trained(const TranslationConfig& config, const Hooks& hooks = {}) {
  return train_translation(translating::networks(4, 1), config, translating::squares(7, 0), translating::squares(6, 2), hooks);
}

void expect_the_same(const TranslationResult& a, const TranslationResult& b, const std::string& what) {
  EXPECT_EQ(different(a.networks.to_target, b.networks.to_target), std::vector<std::string>()) << what;
  EXPECT_EQ(different(a.networks.to_source, b.networks.to_source), std::vector<std::string>()) << what;
  EXPECT_EQ(different(a.networks.of_source, b.networks.of_source), std::vector<std::string>()) << what;
  EXPECT_EQ(different(a.networks.of_target, b.networks.of_target), std::vector<std::string>()) << what;
  EXPECT_EQ(a.history, b.history) << what;
}

/// A red square becomes a blue one at the same place.
TEST(Translation, OfRedSquaresToBlueOnes) {
  const TranslationResult result = trained(config_of(30));
  ASSERT_EQ(result.history.size(), 30U);
  EXPECT_LT(result.history.back().terms.at("cycle"), 0.5 * result.history.front().terms.at("cycle"));
  EXPECT_EQ(result.history[14].lr, 2e-3);
  EXPECT_NEAR(result.history[29].lr, 2e-3 / 16, 1e-9) << "along a line to 0";
}

TEST(Translation, GoesOnByteForByte) {
  const TranslationResult whole = trained(config_of(3));
  for (const int stop_after : {1, 7, 12, 20}) {
    const TestFolder folder;
    int steps = 0;
    Hooks hooks{.checkpoint = folder / "state"};
    hooks.stop = [&] { return ++steps == stop_after; };
    EXPECT_THROW(trained(config_of(3), hooks), Interrupted);
    hooks.stop = {};
    expect_the_same(trained(config_of(3), hooks), whole, "stopped after step " + std::to_string(stop_after));
  }
}

TEST(Translation, DoesNotGoOnFromAnotherOne) {
  const TestFolder folder;
  Hooks hooks{.stop = [] { return true; }, .checkpoint = folder / "state", .identity = {{"seed", "5"}}};
  EXPECT_THROW(trained(config_of(3), hooks), Interrupted);
  hooks.identity["seed"] = "6";
  const std::string message = message_of([&] { trained(config_of(3), hooks); });
  EXPECT_NE(message.find("state: belongs to another training: seed was 5, is 6;"), std::string::npos) << message;
}

}  // namespace
}  // namespace graft::train
