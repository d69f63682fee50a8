#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/engine/feature_cache.h"

namespace graft::cli {
namespace {

const CommandText kCacheText{"graft cache",
                             "Show or clear the cache of features. graft keeps the features of photos, so a second run need not compute them again.",
                             {"graft cache", "graft cache --shrink-to 1", "graft cache --clear"}};

struct CacheOptions {
  bool clear = false;
  std::optional<double> shrink_to;
  OutputOptions output;
  void fields(FieldList& v) {
    v("clear", clear, "remove everything from the cache");
    v("shrink-to", shrink_to, "remove the least recently used features until this many GiB are left", at_least(0), DefaultText{"leave all"});
    output.fields(v);
  }
};

std::string local_time(std::filesystem::file_time_type time) {
  const auto system = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::file_clock::to_sys(time));
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(std::chrono::system_clock::to_time_t(system)));
}

}  // namespace

CommandReference cache_reference() { return reference_of<CacheOptions>(kCacheText); }

int cache_command(std::span<const std::string> words) {
  const auto config = read_config<CacheOptions>(kCacheText, words);
  if (!config) return 0;
  const CacheOptions& o = config->values;
  const std::filesystem::path root = engine::features_folder();
  uint64_t freed = 0;
  if (o.clear) freed = engine::shrink_features(root, 0);
  else if (o.shrink_to) freed = engine::shrink_features(root, static_cast<uint64_t>(*o.shrink_to * 1024 * 1024 * 1024));

  nlohmann::ordered_json json{{"folder", printable(root.string())}, {"freed_bytes", freed}, {"networks", nlohmann::ordered_json::array()}};
  std::string text;
  uint64_t total = 0;
  for (const engine::CacheEntry& e : engine::list_features(root)) {
    total += e.bytes;
    json["networks"].push_back({{"network", e.description}, {"key", e.key}, {"images", e.images}, {"bytes", e.bytes}});
    text += fmt::format("{:<32} {:>9} photos {:>10}  last used {}\n", e.description, with_commas(static_cast<long long>(e.images)),
                        human_bytes(e.bytes), local_time(e.used));
  }
  if (freed > 0) text += fmt::format("{} freed\n", human_bytes(freed));
  text += fmt::format("{} in {}\n", human_bytes(total), printable(root.string()));
  print(o.output.json ? json.dump(2) + "\n" : text);
  return 0;
}

}  // namespace graft::cli
