#include "graft/base/files.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft {
namespace fs = std::filesystem;
namespace {

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct stat status_of_file(const Descriptor& file, const fs::path& path) {
  struct stat status {};
  if (!file.ok() || ::fstat(file.get(), &status) != 0) throw system_error(path, "read", errno);
  if (S_ISDIR(status.st_mode)) throw system_error(path, "read", EISDIR);
  return status;
}

/// No two threads or processes get the same one, so they may write the same file at once.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> count = 0;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return folder / fmt::format(".{}.part-{}-{}", path.filename().string(), ::getpid(), ++count);
}

/// Returns when all files below the folder are on the disk; errors speak of `target`. Waiting for each of many takes milliseconds a file (70,000
/// small ones: minutes), so beyond a few the file system is waited for once.
void wait_for_disk(const fs::path& folder, const fs::path& target) {
  constexpr std::size_t kFew = 64;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && files.size() <= kFew) files.push_back(entry.path());
  if (files.size() > kFew) {
    const Descriptor place(folder, O_RDONLY | O_DIRECTORY);
    if (!place.ok() || ::syncfs(place.get()) != 0) throw system_error(target, "write", errno);
    return;
  }
  for (const fs::path& path : files) {
    const Descriptor file(path, O_RDONLY);
    if (!file.ok() || ::fsync(file.get()) != 0) throw system_error(target / path.filename(), "write", errno);
  }
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw system_error(folder, "create", code.value());
}

}  // namespace

Error system_error(const fs::path& path, std::string_view doing, int error_number, std::string hint) {
  if (hint.empty() && error_number == ENOSPC) hint = "free space on that disk or choose another place";
  if (hint.empty() && (error_number == EACCES || error_number == EPERM || error_number == EROFS)) hint = "check the permissions";
  return data_error(printable(path.string()), "cannot " + std::string(doing) + ": " + std::strerror(error_number), std::move(hint));
}

std::vector<std::byte> read_file(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  const struct stat status = status_of_file(file, path);
  std::vector<std::byte> content(static_cast<std::size_t>(status.st_size) + 1);  // one more, to see the end without growing
  std::size_t done = 0;
  for (;;) {
    if (done == content.size()) content.resize(done + 65536);  // a pipe, or a file that grew meanwhile
    const ssize_t got = ::read(file.get(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error(path, "read", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  content.resize(done);
  return content;
}

void write_file(const fs::path& path, Bytes content, Sync sync) { write_file(path, std::span<const Bytes>(&content, 1), sync); }

void write_file(const fs::path& path, std::span<const Bytes> parts, Sync sync) {
  if (path.has_parent_path()) make_folder(path.parent_path());
  const fs::path temporary = temporary_beside(path);
  int failure = 0;
  {
    const Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (!file.ok()) throw system_error(path, "write", errno);
    for (Bytes part : parts)
      while (!part.empty() && failure == 0) {
        const ssize_t put = ::write(file.get(), part.data(), part.size());
        if (put >= 0) part = part.subspan(static_cast<std::size_t>(put));
        else if (errno != EINTR) failure = errno;
      }
    if (sync == Sync::later) ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);  // a hint: starts, does not wait
    else if (failure == 0 && ::fsync(file.get()) != 0) failure = errno;
  }
  if (failure == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) {
    ::unlink(temporary.c_str());
    throw system_error(path, "write", failure);
  }
}

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  const struct stat status = status_of_file(file, path);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) throw system_error(path, "map", errno);
  bytes_ = {static_cast<const std::byte*>(start), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

AtomicFolder::AtomicFolder(fs::path target, Over over) : target_(std::move(target)), over_(over) {
  if (!target_.has_filename()) target_ = target_.parent_path();  // "runs/x/" names the same folder as "runs/x"
  std::error_code code;
  if (over == Over::nothing && fs::exists(fs::symlink_status(target_, code)))
    throw data_error(printable(target_.string()), "already exists", "choose another --out or remove it");
  if (target_.has_parent_path() && !fs::exists(target_.parent_path(), code)) {
    make_folder(target_.parent_path());
    made_parent_ = true;
  }
  temporary_ = temporary_beside(target_);
  fs::remove_all(temporary_, code);  // a leftover of a killed process that had our number
  if (::mkdir(temporary_.c_str(), 0777) != 0) throw system_error(target_, "create", errno);
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (temporary_.empty()) return;
  fs::remove_all(temporary_, ignored);
  if (made_parent_) fs::remove(target_.parent_path(), ignored);  // fails where another run has come in meanwhile
}

void AtomicFolder::commit() {
  // RENAME_NOREPLACE would be refused by some file systems; a plain rename onto an existing empty folder would replace it, so look first.
  std::error_code code;
  const bool there = fs::exists(fs::symlink_status(target_, code));
  if (there && over_ == Over::nothing)
    throw data_error(printable(target_.string()), "was created by another program during this run", "choose another --out");
  wait_for_disk(temporary_, target_);
  if (there && ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(temporary_, code);  // now the old content
  } else {
    const fs::path old = fs::path(temporary_) += ".old";  // a file system that cannot exchange: two steps
    if (there && ::rename(target_.c_str(), old.c_str()) != 0) throw system_error(target_, "replace", errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) throw system_error(target_, "create", errno);
    fs::remove_all(old, code);
  }
  temporary_.clear();
}

fs::path cache_folder() {
  if (const char* own = std::getenv("GRAFT_CACHE"); own != nullptr && *own != '\0') return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg != '\0') return fs::path(xdg) / "graft";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr && *home != '\0' ? home : ".") / ".cache" / "graft";
}

}  // namespace graft
