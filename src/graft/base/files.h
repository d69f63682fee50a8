// Files: read whole, mapped, or written so that a reader sees the old content or the new one and never half of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace graft {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The whole file. Error (data) names the path and the system's reason.
std::vector<std::byte> read_file(const std::filesystem::path& path);

enum class Sync {
  now,    // on the disk when the call returns
  later,  // eventually: for files that AtomicFolder::commit() waits for, and for caches
};

/// Replaces `path` in one step: writes a hidden temporary file next to it, then renames. On error nothing is left.
void write_file(const std::filesystem::path& path, Bytes content, Sync sync = Sync::now);
inline void write_file(const std::filesystem::path& path, std::string_view text, Sync sync = Sync::now) { write_file(path, as_bytes(text), sync); }

/// The same for content in several parts, which are written one after the other.
void write_file(const std::filesystem::path& path, std::span<const Bytes> parts, Sync sync = Sync::now);

/// A read-only view of a file; lives as long as the object, pages are loaded on first touch.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  Bytes bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

/// A folder that appears complete or not at all: fill path(), then commit(). Without commit() the destructor removes it.
class AtomicFolder {
 public:
  enum class Over { nothing, what_is_there };
  /// Creates a hidden temporary folder next to `target`; Error if its parent cannot be written, or if `target` exists and must not be replaced.
  explicit AtomicFolder(std::filesystem::path target, Over over = Over::nothing);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  const std::filesystem::path& path() const { return temporary_; }
  /// Waits until every file is on disk and renames to the target, removing what was
  /// there. Error if something has appeared there meanwhile that must not be replaced.
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  Over over_;
  bool made_parent_ = false;  // then an empty parent is removed as well
};

/// "<path>: cannot read: <reason of errno>" and so on; `doing` is "read", "write", "list" ...
class Error;
Error system_error(const std::filesystem::path& path, std::string_view doing, int error_number, std::string hint = {});

/// $GRAFT_CACHE, else $XDG_CACHE_HOME/graft, else ~/.cache/graft. Not created here.
std::filesystem::path cache_folder();

}  // namespace graft
