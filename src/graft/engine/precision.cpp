#include "graft/engine/precision.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/files.h"

namespace graft::engine {
namespace {

constexpr double kWorthIt = 1.2;
constexpr double kTolerated = 0.1;  // EfficientNet-Lite0 has 0.05 on photos, and a probe on its bf16 features is as accurate as on float32

struct Trial {
  double seconds;
  std::vector<float> outputs;
};

Trial measure(const std::string& onnx, const std::string& name, const data::Preprocess& preprocess, Precision precision, int threads,
              std::span<const uint8_t> rows, std::size_t n) {
  Engine engine(onnx, name, preprocess, {precision, threads, static_cast<int>(n)});
  Trial trial{1e9, std::vector<float>(n * engine.width())};
  engine.run(rows, n, trial.outputs);  // the first run allocates
  for (int i = 0; i < 2; ++i) {
    const auto start = std::chrono::steady_clock::now();
    engine.run(rows, n, trial.outputs);
    trial.seconds = std::min(trial.seconds, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return trial;
}

double relative_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double{a[i]} - double{b[i]}, 2);
    size += std::pow(double{b[i]}, 2);
  }
  return size > 0 ? std::sqrt(difference / size) : (difference > 0 ? 1.0 : 0.0);
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line;
  return "unknown";
}

std::filesystem::path file_of(const Hash128& key, int threads) {
  return cache_folder() / "precision" / (Hasher().add(cpu_name()).add(std::to_string(threads)).add(key.hex()).finish().hex() + ".json");
}

}  // namespace

std::optional<PrecisionChoice> remembered_precision(const Hash128& key, int threads) {
  if (!has_native_bf16()) return PrecisionChoice{Precision::float32, "this CPU has no native bf16"};
  const std::filesystem::path file = file_of(key, threads);
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return std::nullopt;
  const auto json = nlohmann::json::parse(as_text(read_file(file)), nullptr, false);
  if (!json.is_object() || !json.contains("precision") || !json.contains("reason")) return std::nullopt;  // damaged: measure again
  return PrecisionChoice{json["precision"] == "bf16" ? Precision::bf16 : Precision::float32, json["reason"].get<std::string>()};
}

PrecisionChoice choose_precision(const std::string& onnx, const std::string& name, const Hash128& key, const data::Preprocess& preprocess,
                                 int threads, std::span<const uint8_t> rows, std::size_t n) {
  if (auto known = remembered_precision(key, threads)) return *known;
  const Trial exact = measure(onnx, name, preprocess, Precision::float32, threads, rows, n);
  const Trial fast = measure(onnx, name, preprocess, Precision::bf16, threads, rows, n);
  const double speedup = exact.seconds / fast.seconds, difference = relative_difference(fast.outputs, exact.outputs);
  const bool wins = speedup >= kWorthIt && difference <= kTolerated;
  const PrecisionChoice choice{wins ? Precision::bf16 : Precision::float32,
                               fmt::format("bf16 is {:.1f}x as fast as float32 here, its outputs differ by {:.1f} %", speedup, 100 * difference)};
  try {
    write_file(file_of(key, threads), nlohmann::json{{"precision", to_string(choice.precision)}, {"reason", choice.reason}}.dump(2) + "\n");
  } catch (const Error&) {
    // A cache that cannot be written costs time, not the result.
  }
  return choice;
}

}  // namespace graft::engine
