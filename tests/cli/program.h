// Runs the real program in a folder of the test's own, as a user would.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "bmp.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft {

struct Finished {
  int exit_code;  // 128 + signal when it was killed
  std::string out, err;
};

class Program {
 public:
  /// Starts GRAFT_BINARY (or another program) in `folder`, with a cache of its own there. GRAFT_TEST_RUNNER, where it is set, holds the words of
  /// a program that runs it, such as an emulator (scripts/test).
  Program(const std::filesystem::path& folder, const std::vector<std::string>& words, const std::string& binary = GRAFT_BINARY) {
    static int number = 0;
    out_ = notes_ / (std::to_string(number) + ".out");
    err_ = notes_ / (std::to_string(number++) + ".err");
    const char* runner = getenv("GRAFT_TEST_RUNNER");
    std::istringstream before(runner == nullptr ? "" : runner);
    std::vector<std::string> text{std::istream_iterator<std::string>(before), {}};
    text.push_back(binary);
    text.insert(text.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : text) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    close(open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666));  // there to be watched
    said_ = inotify_init1(IN_CLOEXEC);
    inotify_add_watch(said_, err_.c_str(), IN_MODIFY | IN_CLOSE_WRITE);
    pid_ = fork();
    if (pid_ != 0) return;
    if (chdir(folder.c_str()) != 0) _exit(126);
    setenv("GRAFT_CACHE", (folder / ".cache").c_str(), 1);
    unsetenv("GRAFT_HOME");
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), STDOUT_FILENO);
    dup2(open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }

  ~Program() { close(said_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }

  /// Sleeps until standard error has the text, or the program has closed it, as at its end.
  void wait_until_it_says(const std::string& text) const {
    alignas(inotify_event) std::array<char, 4096> events{};
    while (!closed_ && text_of(err_).find(text) == std::string::npos) {
      const ssize_t size = read(said_, events.data(), events.size());  // blocks until there is one; an event of a watched file has no name behind it
      for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(sizeof(inotify_event)))
        closed_ = closed_ || (reinterpret_cast<const inotify_event*>(events.data() + at)->mask & IN_CLOSE_WRITE) != 0;
    }
  }

  Finished wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(out_), text_of(err_)};
  }

 private:
  static std::string text_of(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return {};
    const auto bytes = read_file(file);
    return std::string(as_text(bytes));
  }

  TestFolder notes_;
  std::filesystem::path out_, err_;
  pid_t pid_ = 0;
  mutable bool closed_ = false;  // standard error, as far as was read of said_
  int said_ = -1;                // of inotify: standard error grew, or was closed
};

inline Finished run(const TestFolder& folder, const std::vector<std::string>& words, const std::string& binary = GRAFT_BINARY) {
  return Program(folder.path(), words, binary).wait();
}

/// photos/CLASS/NN.bmp: `images` made photos in each class, which a classifier can tell apart.
inline void make_photos(const std::filesystem::path& folder, const std::vector<std::string>& classes, int images) {
  for (std::size_t kind = 0; kind < classes.size(); ++kind)
    for (int i = 0; i < images; ++i) write_file(folder / classes[kind] / (std::to_string(i) + ".bmp"), made_photo(static_cast<int>(kind), i));
}

/// Photos whose labels say nothing: the head makes mistakes enough for a trial.
inline void make_noise(const std::filesystem::path& folder, int images) {
  make_photos(folder, {"across", "down"}, images);
  for (int i = 0; i < images; ++i) {
    if ((static_cast<unsigned>(i) * 2654435761U >> 28 & 1U) == 0) continue;
    const std::string photo = std::to_string(i) + ".bmp";
    std::filesystem::rename(folder / ("across/" + photo), folder / photo);
    std::filesystem::rename(folder / ("down/" + photo), folder / ("across/" + photo));
    std::filesystem::rename(folder / photo, folder / ("down/" + photo));
  }
}

/// What it said last on standard error, from "graft: " on.
inline std::string last_line(const Finished& done) {
  const std::size_t last = done.err.rfind("graft: ");
  return last == std::string::npos ? done.err : done.err.substr(last);
}

/// It failed with this one line and no result.
inline void expect_refused(const Finished& done, int exit_code, const std::string& line) {
  EXPECT_EQ(done.exit_code, exit_code);
  EXPECT_EQ(done.err, "graft: " + line + "\n");
  EXPECT_EQ(done.out, "");
}

/// It failed with this line as the last of standard error, without a result, and left no run where runs are by default.
inline void expect_failed(const TestFolder& folder, const Finished& done, int exit_code, const std::string& line) {
  EXPECT_EQ(done.exit_code, exit_code);
  EXPECT_EQ(last_line(done), "graft: " + line + "\n");
  EXPECT_EQ(done.out, "");
  EXPECT_FALSE(std::filesystem::exists(folder / "runs"));
}

/// What is in the folder, hidden or not, but for the cache; sorted.
inline std::vector<std::string> listing(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (std::filesystem::exists(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().filename() != ".cache") names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// What the folder of every finished run holds, with `more`; as listing() says it.
inline std::vector<std::string> files_of_a_run(const std::vector<std::string>& more = {}) {
  std::vector<std::string> names{"config.toml",       "confusion.svg",  "cost.json",           "curves.svg",         "doctor.json",    "eval.json",
                                 "history.json",      "model.onnx",     "predictions.csv",     "report.html",        "trained_on.npy", "training.npy",
                                 "training.npy.json", "validation.npy", "validation.npy.json", "weights.safetensors"};
  names.insert(names.end(), more.begin(), more.end());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace graft
