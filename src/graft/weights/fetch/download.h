// Downloads a file over HTTPS, complete and checked or not at all. Interrupted, cut or slow transfers continue where they ended, at the next attempt or the
// next call.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace graft::weights {

struct DownloadOptions {
  std::string sha256 = {};                    // whole or its first digits; empty: as the header X-Linked-Etag of the Hugging Face hub tells
  bool unchecked = false;                     // accept the file even if its SHA-256 is unknown
  std::string accept = {};                    // media type asked for
  std::string publisher = {};                 // address for people, in the hint; empty: the url
  uint64_t size_limit = uint64_t{16} << 30U;  // in bytes
  int attempts = 5;
  std::chrono::milliseconds first_wait{1000}, longest_wait{60000};   // between attempts, doubled each time; Retry-After counts when it is longer
  std::chrono::seconds stall{30};                                    // an attempt ends if hardly anything (1 KiB/s) arrives for this long
  std::function<void(uint64_t done, uint64_t total)> progress = {};  // in bytes; total 0: not known
};

struct DownloadResult {
  std::string sha256;  // of the whole file
  uint64_t bytes = 0;
  int attempts = 0;      // 0: the file was there
  uint64_t resumed = 0;  // bytes that the last attempt found from earlier ones
};

/// Fetches `url` (https:// only, also after redirects) to `to`, which appears as one step with the right content. A file that is there and has
/// options.sha256 is left as it is. Until then the bytes lie in `to`.part, what is known of them in `to`.part.from; both stay after Interrupted, a
/// cut connection or a kill, and go when the hash is wrong. Two processes or threads with the same `to` wait for each other. Cut and stalled
/// transfers, 408, 429 and 5xx are tried again. Error (data) tells what is wrong and what to do without a network.
DownloadResult download(const std::string& url, const std::filesystem::path& to, const DownloadOptions& options = {});

}  // namespace graft::weights
