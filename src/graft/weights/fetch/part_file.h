// The bytes of an unfinished download: `to`.part, held by one process at a time, and what is known of them in `to`.part.from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "graft/base/files.h"

namespace graft::weights {

/// What the server said about the file whose first bytes are in the part.
struct Known {
  std::string etag = {};  // strong, else empty
  uint64_t size = 0;      // of the whole file; 0: not known
};

class PartFile {
 public:
  /// Opens or makes the part and locks it; waits, open to Ctrl-C, while another process holds it. Error (data) when the folder cannot be written.
  explicit PartFile(const std::filesystem::path& to);
  /// Unlocks. An empty part is removed, any other stays for the next attempt.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  uint64_t size() const { return size_; }
  const Known& known() const { return known_; }
  bool waited() const { return waited_; }  // another process had it

  void append(Bytes bytes);
  /// Begins again from nothing.
  void clear();
  void remember(const Known& known);
  /// The part becomes the file, after it is on the disk.
  void publish();

 private:
  bool open_locked();

  std::filesystem::path to_, path_, notes_;
  int fd_ = -1;
  uint64_t size_ = 0;
  Known known_;
  bool waited_ = false;
};

/// Sleeps, open to Ctrl-C.
void wait_interruptibly(std::chrono::milliseconds time);

}  // namespace graft::weights
