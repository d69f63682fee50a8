#include "graft/base/files.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error_text.h"
#include "folder.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using test::error_of;

std::string text_of(const fs::path& path) { return std::string(as_text(read_file(path))); }

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Files of this process end at `bytes` while it lives; EFBIG instead of a signal. Stands for a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(ReadFile, GivesBackWhatWasWritten) {
  const TestFolder folder;
  for (const std::size_t size : {0, 1, 4096, 200001}) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 + i / 256);
    write_file(folder / "a.bin", content);
    EXPECT_EQ(text_of(folder / "a.bin"), content);
    EXPECT_EQ(as_text(MappedFile(folder / "a.bin").bytes()), content);
  }
}

TEST(ReadFile, ReadsAPipeToItsEnd) {
  const TestFolder folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string content(300000, 'x');
  std::thread writer([&] { std::ofstream(pipe) << content; });
  EXPECT_EQ(text_of(pipe), content);
  writer.join();
}

TEST(ReadFile, NamesThePathAndTheReason) {
  const TestFolder folder;
  write_file(folder / "file", "x");
  const std::string path = folder.path().string();
  EXPECT_EQ(error_of([&] { read_file(folder / "none"); }), "data: " + path + "/none: cannot read: No such file or directory");
  EXPECT_EQ(error_of([&] { read_file(folder.path()); }), "data: " + path + ": cannot read: Is a directory");
  EXPECT_EQ(error_of([&] { read_file(folder / "file/below"); }), "data: " + path + "/file/below: cannot read: Not a directory");
  EXPECT_EQ(error_of([&] { MappedFile(folder / "none"); }), "data: " + path + "/none: cannot read: No such file or directory");
  EXPECT_EQ(error_of([&] { MappedFile(folder.path()); }), "data: " + path + ": cannot read: Is a directory");
  EXPECT_EQ(error_of([&] { read_file(folder / "caf\xE9\n"); }), "data: " + path + "/caf\\xe9\\x0a: cannot read: No such file or directory");
}

TEST(SystemError, TellsWhatToDo) {
  EXPECT_STREQ(system_error("a", "write", ENOSPC).what(),
               "a: cannot write: No space left on device; free space on that disk or choose another place");
  EXPECT_STREQ(system_error("a", "list", EACCES).what(), "a: cannot list: Permission denied; check the permissions");
  EXPECT_STREQ(system_error("a", "read", ENOENT, "see `graft models`").what(), "a: cannot read: No such file or directory; see `graft models`");
}

TEST(WriteFile, MakesFoldersAndReplaces) {
  const TestFolder folder;
  write_file(folder / "new/deep/a.txt", "one");
  write_file(folder / "new/deep/a.txt", "two");
  EXPECT_EQ(text_of(folder / "new/deep/a.txt"), "two");
  EXPECT_EQ(entries(folder / "new/deep"), 1U) << "no temporary is left";
}

TEST(WriteFile, PartsFollowEachOther) {
  const TestFolder folder;
  const std::vector<Bytes> parts{as_bytes("one "), {}, as_bytes("two")};
  write_file(folder / "a.txt", parts);
  EXPECT_EQ(as_text(read_file(folder / "a.txt")), "one two");
  write_file(folder / "a.txt", std::span(parts).first(0));
  EXPECT_TRUE(read_file(folder / "a.txt").empty());
}

TEST(WriteFile, WritesIntoTheWorkingFolder) {
  const TestFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file("plain.txt", "here");
  fs::current_path(before);
  EXPECT_EQ(text_of(folder / "plain.txt"), "here");
}

TEST(WriteFile, FullDiskKeepsTheOldContentAndLeavesNothing) {
  const TestFolder folder;
  write_file(folder / "a.txt", "old");
  std::string error;
  {
    const FileSizeLimit limit(1000);
    error = error_of([&] { write_file(folder / "a.txt", std::string(5000, 'x')); });
  }
  EXPECT_EQ(error, "data: " + (folder / "a.txt").string() + ": cannot write: File too large");
  EXPECT_EQ(text_of(folder / "a.txt"), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(WriteFile, ImpossiblePlaces) {
  const TestFolder folder;
  write_file(folder / "file", "x");
  const std::string path = folder.path().string();
  EXPECT_EQ(error_of([&] { write_file(folder / "file/a.txt", "y"); }), "data: " + path + "/file: cannot create: Not a directory");
  EXPECT_EQ(error_of([&] { write_file(folder.path(), "y"); }), "data: " + path + ": cannot write: Is a directory");
  EXPECT_EQ(entries(folder.path()), 1U);
}

// Two threads that fill the same cache entry: a reader must see one of the two, whole.
TEST(WriteFile, ThreadsMayWriteTheSameFile) {
  const TestFolder folder;
  const std::string contents[2] = {std::string(200000, 'a'), std::string(100000, 'b')};
  write_file(folder / "entry", contents[0]);
  std::atomic<int> mixed = 0;
  std::vector<std::thread> threads;
  for (const std::string& content : contents)
    threads.emplace_back([&] {
      for (int i = 0; i < 30; ++i) {
        write_file(folder / "entry", content);
        const std::string seen = text_of(folder / "entry");
        if (seen != contents[0] && seen != contents[1]) ++mixed;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(mixed, 0);
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFolderTest, AppearsWholeOnCommit) {
  const TestFolder folder;
  {
    AtomicFolder run(folder / "runs/one/");
    write_file(run.path() / "a.txt", "a");
    EXPECT_FALSE(fs::exists(folder / "runs/one"));
    run.commit();
  }
  EXPECT_EQ(text_of(folder / "runs/one/a.txt"), "a");
  EXPECT_EQ(entries(folder / "runs"), 1U);
}

TEST(AtomicFolderTest, LeavesNothingWithoutCommit) {
  const TestFolder folder;
  {
    const AtomicFolder run(folder / "run");
    write_file(run.path() / "deep/a.txt", "a");
  }
  EXPECT_EQ(entries(folder.path()), 0U);
}

TEST(AtomicFolderTest, NeverTouchesWhatIsThere) {
  const TestFolder folder;
  fs::create_directory(folder / "run");
  const std::string path = (folder / "run").string();
  EXPECT_EQ(error_of([&] { AtomicFolder run(folder / "run"); }), "data: " + path + ": already exists; choose another --out or remove it");
  AtomicFolder late(folder / "late");
  fs::create_directory(folder / "late");
  EXPECT_EQ(error_of([&] { late.commit(); }),
            "data: " + path.substr(0, path.size() - 3) + "late: was created by another program during this run; choose another --out");
  EXPECT_TRUE(fs::is_empty(folder / "late"));
}

TEST(AtomicFolderTest, RefusesADanglingLinkAndAPlaceBelowAFile) {
  const TestFolder folder;
  fs::create_symlink("nowhere", folder / "link");
  write_file(folder / "file", "x");
  const std::string path = folder.path().string();
  EXPECT_EQ(error_of([&] { AtomicFolder run(folder / "link"); }), "data: " + path + "/link: already exists; choose another --out or remove it");
  EXPECT_EQ(error_of([&] { AtomicFolder run(folder / "file/run"); }), "data: " + path + "/file/run: cannot create: Not a directory");
}

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    had_ = std::getenv(name) != nullptr;
    if (value != nullptr) ::setenv(name, value, 1);
    else ::unsetenv(name);
  }
  ~Variable() {
    if (had_) ::setenv(name_, before_.c_str(), 1);
    else ::unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool had_ = false;
};

TEST(CacheFolder, OwnVariableThenXdgThenHome) {
  const Variable home("HOME", "/h");
  const Variable xdg("XDG_CACHE_HOME", "/x");
  {
    const Variable own("GRAFT_CACHE", "/own");
    EXPECT_EQ(cache_folder(), "/own");
  }
  const Variable own("GRAFT_CACHE", "");
  EXPECT_EQ(cache_folder(), "/x/graft");
  const Variable no_xdg("XDG_CACHE_HOME", nullptr);
  EXPECT_EQ(cache_folder(), "/h/.cache/graft");
}

}  // namespace
}  // namespace graft
