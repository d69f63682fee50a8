// A training that was stopped in its third epoch, for tests of what then goes wrong.
#pragma once

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include "cli/program.h"

namespace graft {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// Photos, and a training stopped in its third epoch, made once; each test has a copy of both.
class StoppedTraining : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"cat", "dog"}, 10);
    const Program program(
        made_->path(), {"fit",      "photos", "--size",      "64",      "--strategy",           "partial",  "--views", "2",       "--batch",   "4",
                        "--epochs", "30",     "--precision", "float32", "--checkpoint-minutes", "0.000001", "--out",   "stopped", "--threads", "2"});
    program.wait_until_it_says("\nepoch  2/30: loss");
    kill(program.pid(), SIGTERM);
    const Finished done = program.wait();
    EXPECT_EQ(done.exit_code, 130) << done.err;
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  StoppedTraining() { fs::copy(made_->path(), folder_.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing); }

  Words with(const Words& more) const {
    Words words{"fit", "photos", "--size", "64", "-q", "--precision", "float32"};
    if (std::ranges::find(more, "head") == more.end()) words.insert(words.end(), {"--epochs", "1"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  /// The command fails with this line as the last of standard error, and leaves no run.
  void expect(const Words& words, int exit_code, const std::string& line) {
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, exit_code);
    EXPECT_EQ(last_line(done), "graft: " + line + "\n");
    EXPECT_EQ(done.out, "");
    EXPECT_FALSE(fs::exists(folder_ / "runs"));
  }

  /// As expect; the unfinished run stays as it is, too.
  void expect_resume(const Words& more, int exit_code, const std::string& line) {
    const auto before = listing(folder_ / "stopped" / "checkpoint");
    Words words{"fit", "--resume", "stopped", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    expect(words, exit_code, line);
    EXPECT_EQ(listing(folder_ / "stopped" / "checkpoint"), before);
  }

  /// The same with what stands between these two, which is no fixed text.
  void expect_resume(const std::string& begin, const std::string& end) {
    const Finished done = run(folder_, {"fit", "--resume", "stopped", "-q"});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_TRUE(done.err.starts_with("graft: " + begin) && done.err.ends_with(end + "\n")) << done.err;
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1);
  }

  fs::path state() const { return folder_ / "stopped" / "checkpoint" / "state"; }

  inline static TestFolder* made_ = nullptr;
  TestFolder folder_;
};
class SmallDisk {
 public:
  /// A limit on file sizes stands for the full disk: the same path through write(), without a mount.
  explicit SmallDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_{};
};

}  // namespace graft
