#include "graft/fit/run/cost.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "graft/base/isa.h"
#include "graft/base/json.h"

namespace graft::fit {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void write_cost(const std::filesystem::path& folder, const Cost& cost, int threads) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  nlohmann::ordered_json json{{"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - cost.started).count()},
                              {"cpu_seconds", cpu_seconds() - cost.cpu_before},
                              {"peak_memory_bytes", static_cast<int64_t>(usage.ru_maxrss) * 1024},
                              {"threads", threads},
                              {"cpu", cpu_name()}};
  if (cost.resumed) json["resumed"] = true;
  write_json(folder / "cost.json", json, Sync::later);
}

}  // namespace graft::fit
