// Bytes read from front to back without keeping them in memory: a mapped file, an unpacked gzip or zip entry, a member of a tar.
// Every reader of a format reads its Content twice: once to check all of it before anything is written, and once for the pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/archive/zip.h"
#include "graft/base/files.h"

namespace graft::archive {

class Stream {
 public:
  Stream() = default;
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Fills `out` and returns its size; less only where the content ends. Error (data) where packed bytes are damaged.
  virtual std::size_t read(std::span<std::byte> out) = 0;
  /// Passes over `size` bytes; returns how many there were. Error as of read; Interrupted.
  virtual uint64_t skip(uint64_t size);
  /// An independent reader at the same position.
  virtual std::unique_ptr<Stream> copy() const = 0;
};

/// One thread a Stream; the Content may be shared.
struct Content {
  std::string name;                               // printable; the subject of errors
  uint64_t most = 0;                              // bytes that it may hold: its size where it is not packed, else what deflate can make of it
  std::function<std::unique_ptr<Stream>()> open;  // from the start; keeps what it reads from alive
};

/// Bytes that the caller keeps alive; unpacked when they begin as gzip does.
Content content_of(Bytes bytes, std::string name);
/// The same of a file, which stays mapped.
Content content_of(const std::filesystem::path& path);
/// An entry of a zip archive that the caller keeps alive; its CRC is checked where it ends.
Content content_of(const ZipEntry& entry, std::string name);

bool is_gzip(Bytes bytes);

/// The first `size` bytes, fewer where there are no more.
std::vector<std::byte> begin_of(const Content& content, std::size_t size);
/// All of it, at most `limit` bytes. Error (data) when there is more.
std::vector<std::byte> all_of(const Content& content, std::size_t limit);
/// Error (data) unless it holds exactly `size` bytes; `expected` says what they are: "60,000 pictures of 28x28".
void check_size(const Content& content, uint64_t size, const std::string& expected);
/// The content with something that must live as long.
Content kept(Content content, std::shared_ptr<const void> alive);

}  // namespace graft::archive
