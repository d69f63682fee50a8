// Bytes as a file with a path, for readers that open one.
#pragma once

#include <cerrno>
#include <filesystem>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "graft/base/error.h"
#include "graft/base/files.h"

namespace graft::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(Bytes bytes) : fd_(::memfd_create("input", MFD_CLOEXEC)) {
    if (fd_ < 0 || ::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) throw system_error("input", "write", errno);
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace graft::fuzz
