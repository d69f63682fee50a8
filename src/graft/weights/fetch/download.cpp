#include "graft/weights/fetch/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/weights/fetch/https.h"
#include "graft/weights/fetch/part_file.h"

namespace graft::weights {
namespace fs = std::filesystem;
namespace {

/// "bytes 100-199/200" or "bytes */200".
struct ContentRange {
  std::optional<uint64_t> begin, size;
};
ContentRange content_range(std::string_view header) {
  if (!header.starts_with("bytes ")) return {};
  const std::size_t slash = header.find('/'), dash = header.find('-');
  return {number_in<uint64_t>(header.substr(6, dash == std::string_view::npos ? dash : dash - 6)),
          slash == std::string_view::npos ? std::nullopt : number_in<uint64_t>(header.substr(slash + 1))};
}

std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.starts_with('"') && text.ends_with('"') ? text.substr(1, text.size() - 2) : text;
}

/// The hub names large files by their SHA-256, and small ones by a shorter hash of git.
std::string linked_sha256(const Answer& answer) {
  const std::string digits = lower(unquoted(answer.header("x-linked-etag")));
  const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hex && digits.size() == 64 ? digits : std::string();
}

std::string strong_etag(const Answer& answer) {
  const std::string etag = answer.header("etag");
  return etag.starts_with('"') ? etag : std::string();
}

std::string file_sha256(const fs::path& path) { return sha256_hex(MappedFile(path).bytes()); }

/// One call of download(), over its attempts.
class Download {
 public:
  Download(const std::string& url, const fs::path& to, const DownloadOptions& options)
      : url_(url), to_(to), options_(options), part_(to), sha256_(lower(options.sha256)) {}

  DownloadResult run();

 private:
  std::optional<DownloadResult> there() const;
  Response attempt();
  void begin_body(const Answer& answer);
  void check_room(uint64_t size) const;
  bool ends_here(const Response& response);
  bool is_whole(const Response& response) const;
  std::string checked();
  void wait_before_next(const Response& response, int attempt) const;
  Error failure(const Response& response) const;
  std::string by_hand() const;
  std::string got_so_far() const;

  const std::string& url_;
  const fs::path& to_;
  const DownloadOptions& options_;
  PartFile part_;
  std::string sha256_;
  uint64_t total_ = 0, resumed_ = 0;
  bool reached_ = false;  // the server has answered once
  bool changed_ = false;  // the rest that came does not belong to the part
};

struct OtherFile {};  // thrown out of a transfer whose bytes do not continue the part

std::optional<DownloadResult> Download::there() const {
  std::error_code code;
  if (!fs::is_regular_file(to_, code)) return std::nullopt;
  // Without a sum only a file that another process has just finished is known to be right.
  if (sha256_.empty() && !part_.waited()) return std::nullopt;
  std::string sha256 = file_sha256(to_);
  if (!sha256.starts_with(sha256_)) return std::nullopt;
  return DownloadResult{std::move(sha256), fs::file_size(to_)};
}

void Download::check_room(uint64_t size) const {
  const std::string name = printable(url_);
  if (size > options_.size_limit)
    throw data_error(name, fmt::format("has {}, expected at most {}", human_bytes(size), human_bytes(options_.size_limit)));
  const fs::path folder = to_.has_parent_path() ? to_.parent_path() : fs::path(".");
  std::error_code code;
  const fs::space_info space = fs::space(folder, code);
  if (!code && size > part_.size() && size - part_.size() > space.available)
    throw data_error(printable(folder.string()),
                     fmt::format("has {} free, {} needs {} more", human_bytes(space.available), printable(to_.filename().string()),
                                 human_bytes(size - part_.size())),
                     "free space on that disk or choose another place");
}

/// Headers of an answer that brings the file: from where on, how much in all, and whether it goes with what is there.
void Download::begin_body(const Answer& answer) {
  if (sha256_.empty() && !options_.unchecked)
    throw data_error(printable(url_), "neither the server nor graft knows its SHA-256, so it cannot be checked");
  const std::string etag = strong_etag(answer);
  if (answer.status == 206) {
    const ContentRange range = content_range(answer.header("content-range"));
    const Known& known = part_.known();
    const bool same_etag = known.etag.empty() || etag.empty() || known.etag == etag;
    const bool same_size = known.size == 0 || !range.size || known.size == *range.size;
    if (range.begin != part_.size() || !same_etag || !same_size) throw OtherFile();
    total_ = range.size.value_or(0);
  } else {
    part_.clear();
    total_ = number_in<uint64_t>(answer.header("content-length")).value_or(0);
  }
  resumed_ = part_.size();
  check_room(total_);
  part_.remember({etag, total_});
  if (options_.progress) options_.progress(part_.size(), total_);
}

/// One request, which continues where the part ends. Bytes that neither a checksum nor a tag of the server vouches for are discarded.
Response Download::attempt() {
  if (part_.known().etag.empty() && options_.sha256.empty()) part_.clear();
  Request request{.url = url_, .stall = options_.stall};
  if (!options_.accept.empty()) request.headers.push_back("Accept: " + options_.accept);
  if (part_.size() > 0) {
    request.range = fmt::format("{}-", part_.size());
    if (!part_.known().etag.empty()) request.headers.push_back("If-Range: " + part_.known().etag);
  }
  request.on_answer = [this](const Answer& answer) {
    reached_ = true;
    if (sha256_.empty()) sha256_ = linked_sha256(answer);
    if (answer.status == 200 || answer.status == 206) begin_body(answer);
  };
  request.on_body = [this](Bytes bytes) {
    if (part_.size() + bytes.size() > options_.size_limit) check_room(part_.size() + bytes.size());
    part_.append(bytes);
    if (options_.progress) options_.progress(part_.size(), total_);
  };
  changed_ = false;
  resumed_ = part_.size();
  try {
    return send(request);
  } catch (const OtherFile&) {
    part_.clear();
    changed_ = true;
    return {Outcome::cut, {}, "the file on the server has changed"};
  }
}

/// All bytes are there; a part that was whole before the request asks for a range behind the end.
bool Download::is_whole(const Response& response) const {
  if (response.last.status == 416) return part_.size() > 0 && content_range(response.last.header("content-range")).size == part_.size();
  return response.outcome == Outcome::whole && (total_ == 0 || part_.size() == total_);
}

/// True when another attempt would not help.
bool Download::ends_here(const Response& response) {
  const int status = response.last.status;
  switch (response.outcome) {
    case Outcome::whole:
    case Outcome::cut: return false;
    case Outcome::stalled:
    case Outcome::unreachable: return !reached_;
    case Outcome::refused:
      if (status == 416 && part_.size() > 0) {
        part_.clear();
        return false;
      }
      return status < 500 && status != 429 && status != 408;
    default: return true;
  }
}

/// The SHA-256 of the part, or nothing left of it when it is wrong.
std::string Download::checked() {
  std::string found = file_sha256(part_.path());
  if (found.starts_with(sha256_)) return found;
  part_.clear();
  throw data_error(printable(url_), fmt::format("expected SHA-256 {}, got {}", sha256_, found.substr(0, sha256_.size())),
                   "the download was discarded; try again, and do not use the file if it happens twice");
}

void Download::wait_before_next(const Response& response, int attempt) const {
  if (response.retry_after > options_.longest_wait)
    throw data_error(printable(url_), fmt::format("the server answers {} and asks to wait {} s", response.last.status, response.retry_after.count()),
                     "try again then");
  const auto doubled = options_.first_wait * (int64_t{1} << std::min(attempt - 1, 20));
  wait_interruptibly(std::max<std::chrono::milliseconds>(std::min(doubled, options_.longest_wait), response.retry_after));
}

DownloadResult Download::run() {
  if (auto found = there()) return *found;
  for (int attempts = 1;; ++attempts) {
    const Response response = attempt();
    if (is_whole(response)) {
      try {
        DownloadResult result{checked(), part_.size(), attempts, resumed_};
        part_.publish();
        return result;
      } catch (const Error&) {
        // Earlier bytes may belong to another file, so a part that was continued gets a second attempt from the start.
        if (resumed_ == 0 || attempts >= options_.attempts || part_.size() > 0) throw;
        continue;
      }
    }
    if (ends_here(response) || attempts >= options_.attempts) throw failure(response);
    if (!changed_ && response.last.status != 416) wait_before_next(response, attempts);
  }
}

std::string Download::by_hand() const {
  const fs::path folder = to_.has_parent_path() ? to_.parent_path() : fs::path(".");
  return fmt::format("put the file {} from {} into {}", printable(to_.filename().string()),
                     printable(options_.publisher.empty() ? url_ : options_.publisher), printable(folder.string()));
}

std::string Download::got_so_far() const {
  return total_ > 0 ? fmt::format("{} of {}", human_bytes(part_.size()), human_bytes(total_)) : human_bytes(part_.size());
}

Error Download::failure(const Response& response) const {
  const std::string url = printable(url_), again = "run it again: it continues where it stopped";
  const int status = response.last.status;
  const bool no_contact = !reached_ && (response.outcome == Outcome::cut || response.outcome == Outcome::stalled);
  switch (no_contact ? Outcome::unreachable : response.outcome) {
    case Outcome::unreachable: return data_error("cannot reach " + printable(https_host(url_)), response.reason, "without a network " + by_hand());
    case Outcome::refused:
      if (status == 404) return data_error(url, "the server has no such file (404)", "look for it elsewhere and " + by_hand());
      return data_error(url, fmt::format("the server answers {}", status), status >= 500 || status == 429 ? "try again later" : by_hand());
    case Outcome::certificate:
      return data_error(url, "the server's certificate is not trusted: " + response.reason,
                        "if a proxy has its own certificate, name its CA file in SSL_CERT_FILE");
    case Outcome::left_https:
      return data_error(url, "the server redirects to " + printable(response.last.header("location")) + ", expected https://", by_hand());
    case Outcome::stalled:
      return data_error(url, fmt::format("too slow: almost nothing arrived for {} s, after {}", options_.stall.count(), got_so_far()), again);
    case Outcome::whole:
    case Outcome::cut: return data_error(url, fmt::format("the connection was lost after {}", got_so_far()), again);
    default: return data_error(url, response.reason, by_hand());
  }
}

}  // namespace

DownloadResult download(const std::string& url, const fs::path& to, const DownloadOptions& options) {
  if (https_host(url).empty()) throw data_error(printable(url), "not fetched: expected an address that begins with https://");
  return Download(url, to, options).run();
}

}  // namespace graft::weights
