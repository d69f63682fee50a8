#include "train/small.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include <sys/resource.h>

#include "folder.h"
#include "graft/base/files.h"

namespace graft::train {
namespace {

using namespace small;

using Identity = std::map<std::string, std::string>;

/// Two checkpoints of a training that was stopped in its second step and again in its third.
class CheckpointFile : public testing::Test {
 protected:
  CheckpointFile() {
    go_on_for(2);
    go_on_for(1);
  }
  TrainResult go_on(const Hooks& more = {}) const {
    Hooks hooks = more;
    hooks.checkpoint = file_;
    if (hooks.identity.empty()) hooks.identity = {{"data", "made"}, {"lr", "0.05"}};
    return train(network(), plan_of(transfer::Kind::partial), config_of(), pictures(24, 1), {}, hooks);
  }
  void go_on_for(int steps) const {
    try {
      go_on({.stop = [&] { return --steps == 0; }});
    } catch (const Interrupted&) {}
  }
  std::string refusal(const Hooks& hooks = {}) const {
    const std::string text = message_of([&] { go_on(hooks); });
    return text.starts_with(file_.string() + ": ") ? text.substr(file_.string().size() + 2) : text;
  }
  std::string damaged(std::string_view fact) const {
    return std::string(fact) + "; " + previous_.string() + " is intact, at epoch 1: rename it to the damaged one to continue from there";
  }

  TestFolder folder_;
  std::filesystem::path file_ = folder_.path() / "checkpoint.safetensors", previous_ = folder_.path() / "checkpoint.safetensors.previous";
};

constexpr const char* kStartAgain = "; start again without it, or continue from an older one";

TEST_F(CheckpointFile, OfAnotherTrainingIsRefusedWithWhatChanged) {
  EXPECT_EQ(refusal({.identity = {{"data", "other"}, {"lr", "0.1"}}}),
            std::string("belongs to another training: data was made, is other; lr was 0.05, is 0.1") + kStartAgain);
  EXPECT_EQ(refusal({.identity = {{"data", "made"}}}), std::string("belongs to another training: lr was 0.05, is not there") + kStartAgain);
  EXPECT_EQ(refusal({.identity = {{"data", "made"}, {"lr", "0.05"}, {"cpu", "x"}}}),
            std::string("belongs to another training: cpu was not there, is x") + kStartAgain);
  EXPECT_EQ(refusal(), "no error");
}

TEST_F(CheckpointFile, OfAnotherTrainingIsTakenWhenAskedForAndThenIsOfThisOne) {
  const Identity other{{"data", "other"}, {"lr", "0.05"}};
  int left = 1;
  EXPECT_THROW(go_on({.stop = [&] { return --left == 0; }, .identity = other, .accept = true}), Interrupted);
  EXPECT_EQ(refusal(), std::string("belongs to another training: data was other, is made") + kStartAgain);
  EXPECT_EQ(refusal({.identity = other}), "no error");
}

TEST_F(CheckpointFile, DamagedOrEditedIsRefusedAndThePreviousOneNamed) {
  const std::vector<std::byte> whole = read_file(file_);
  std::vector<std::byte> edited = whole;
  edited.back() ^= std::byte{1};
  write_file(file_, as_text(edited));
  EXPECT_EQ(refusal(), damaged("was changed after it was written"));
  std::string identity(as_text(whole));
  identity.replace(identity.find("made"), 4, "fake");
  write_file(file_, identity);
  EXPECT_EQ(refusal(), damaged("was changed after it was written"));
  write_file(file_, as_text(Bytes(whole).first(whole.size() - 5)));
  EXPECT_TRUE(refusal().ends_with(damaged(""))) << refusal();
  write_file(file_, "");
  EXPECT_TRUE(refusal().ends_with(damaged(""))) << refusal();
  write_file(previous_, as_text(edited));
  EXPECT_FALSE(refusal().ends_with(damaged(""))) << "that is damaged, too";
  std::filesystem::remove(previous_);
  write_file(file_, as_text(edited));
  EXPECT_EQ(refusal(), std::string("was changed after it was written") + kStartAgain);
}

TEST_F(CheckpointFile, GoesOnFromThePreviousOneAsItIsToldTo) {
  const TrainResult wanted = train(network(), plan_of(transfer::Kind::partial), config_of(), pictures(24, 1), {});
  std::filesystem::rename(previous_, file_);
  EXPECT_EQ(different(go_on().graph, wanted.graph), std::vector<std::string>{});
}

TEST_F(CheckpointFile, KilledBetweenItsRenamesGoesOnFromThePreviousOne) {
  const TrainResult wanted = train(network(), plan_of(transfer::Kind::partial), config_of(), pictures(24, 1), {});
  std::filesystem::rename(file_, previous_);
  std::ofstream(file_.string() + ".next") << "left by the killed one";
  EXPECT_EQ(refusal({.identity = {{"data", "made"}}}), previous_.string() + ": belongs to another training: lr was 0.05, is not there" + kStartAgain);
  int steps = 0;
  EXPECT_EQ(different(go_on({.progress = [&](int, std::size_t, std::size_t) { ++steps; }}).graph, wanted.graph), std::vector<std::string>{});
  EXPECT_EQ(steps, 9) << "3 of 12 were done";
}

TEST_F(CheckpointFile, AFullDiskLeavesTheOldOneWhole) {
  const std::vector<std::byte> before = read_file(file_);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{1000, limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string text = message_of([&] { go_on_for(1); });
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(text, file_.string() + ".next: cannot write: File too large");
  EXPECT_EQ(read_file(file_), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2) << "nothing half-written";
  EXPECT_EQ(refusal(), "no error");
}

TEST(Checkpoint, IsWrittenInTimeAndNotAtEveryEpochsEnd) {
  const TestFolder folder;
  const auto file = folder.path() / "checkpoint.safetensors";
  train(network(), plan_of(transfer::Kind::head), config_of(), pictures(24, 1), {}, {.checkpoint = file});
  EXPECT_FALSE(std::filesystem::exists(file)) << "4 epochs in less than 20 s";
  TrainConfig config = config_of();
  config.checkpoint_minutes = 1e-9;
  train(network(), plan_of(transfer::Kind::head), config, pictures(24, 1), {}, {.checkpoint = file});
  EXPECT_TRUE(std::filesystem::exists(file) && std::filesystem::exists(file.string() + ".previous"));
}

TEST(Machine, IsNamed) {
  const Identity names = machine({.threads = 3});
  EXPECT_EQ(names.at("threads"), "3");
  EXPECT_TRUE(names.at("torch").starts_with("2.")) << names.at("torch");
  EXPECT_FALSE(names.at("cpu instructions").empty());
}

}  // namespace
}  // namespace graft::train
