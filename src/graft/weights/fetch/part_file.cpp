#include "graft/weights/fetch/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "graft/base/error.h"

namespace graft::weights {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds kPoll{50};

fs::path with_suffix(fs::path path, const char* suffix) { return path += suffix; }

/// Notes that cannot be read are as good as none: then only the hash tells whether the bytes are right.
Known read_notes(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(path, code)) return {};
  try {
    const auto bytes = read_file(path);
    const auto json = nlohmann::json::parse(as_text(bytes));
    return {json.at("etag").get<std::string>(), json.at("size").get<uint64_t>()};
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

void wait_interruptibly(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    check_interrupted();
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(kPoll, end - now));
  }
}

PartFile::PartFile(const fs::path& to) : to_(to), path_(with_suffix(to, ".part")), notes_(with_suffix(to, ".part.from")) {
  if (to.has_parent_path()) {
    std::error_code code;
    fs::create_directories(to.parent_path(), code);
    if (code) throw system_error(to.parent_path(), "create", code.value());
  }
  while (!open_locked()) {
    waited_ = true;
    wait_interruptibly(kPoll);
  }
  known_ = read_notes(notes_);
}

/// False while another holds it. Whoever held it may have renamed or removed it meanwhile: then what was locked is not the part any more.
bool PartFile::open_locked() {
  const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) throw system_error(path_, "write", errno);
  struct stat ours {};
  struct stat there {};
  const bool locked = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  const int reason = errno;
  const bool same =
      locked && ::fstat(fd, &ours) == 0 && ::stat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
  if (same) {
    fd_ = fd;
    size_ = static_cast<uint64_t>(ours.st_size);
    return true;
  }
  ::close(fd);
  if (!locked && reason != EWOULDBLOCK && reason != EINTR) throw system_error(path_, "lock", reason);
  return false;
}

PartFile::~PartFile() {
  if (fd_ < 0) return;
  if (size_ == 0) {
    ::unlink(notes_.c_str());
    ::unlink(path_.c_str());
  }
  ::close(fd_);
}

void PartFile::append(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw system_error(path_, "write", errno);
    size_ += static_cast<uint64_t>(put);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void PartFile::clear() {
  ::unlink(notes_.c_str());
  known_ = {};
  if (size_ == 0) return;
  if (::ftruncate(fd_, 0) != 0) throw system_error(path_, "write", errno);
  size_ = 0;
}

void PartFile::remember(const Known& known) {
  known_ = known;
  write_file(notes_, nlohmann::json{{"etag", known.etag}, {"size", known.size}}.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace),
             Sync::later);
}

void PartFile::publish() {
  if (::fsync(fd_) != 0) throw system_error(path_, "write", errno);
  if (::rename(path_.c_str(), to_.c_str()) != 0) throw system_error(to_, "write", errno);
  ::unlink(notes_.c_str());
  ::close(fd_);
  fd_ = -1;
}

}  // namespace graft::weights
