#include "graft/engine/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/isa.h"

namespace graft::engine {
namespace {

constexpr double kWorthIt = 1.2;
constexpr std::size_t kFewestRows = 4;  // below, they say nothing of how photos differ
constexpr std::size_t kTimedRows = 4;   // float32 is slow
constexpr int kRounds = 5;
constexpr double kSeconds = 0.5;  // as long may more rounds take

double seconds_per_row(Engine& engine, std::span<const uint8_t> rows, std::size_t n, std::vector<float>& out) {
  out.resize(n * engine.width());
  const auto start = std::chrono::steady_clock::now();
  engine.run(rows, n, out);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(n);
}

/// How many times as fast bf16 is. Photos are being decoded beside this, so a slow run means little: the best of several counts, of more where a round is
/// short. It ends as soon as bf16 is worth it, though not on the word of one slow round of float32.
double speed_of(Engine& fast_engine, Engine& exact_engine, std::span<const uint8_t> rows, std::size_t n) {
  constexpr int kSure = 3;
  const std::size_t few = std::min(n, kTimedRows);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  std::vector<float> out;
  double fast = 1e9, exact = 1e9;
  for (int round = 0; round < kRounds || seconds() < kSeconds; ++round) {
    if (round >= kSure && exact >= kWorthIt * fast) break;
    exact = std::min(exact, seconds_per_row(exact_engine, rows, few, out));
    fast = std::min(fast, seconds_per_row(fast_engine, rows, n, out));
  }
  return exact / fast;
}

PrecisionChoice decide(double speed, double noise) {
  const std::string so_fast = fmt::format("bf16 is {:.2f}x as fast as float32 here", speed), so_near = fmt::format("{:.1f} %", 100 * noise);
  if (speed < kWorthIt) return {Precision::float32, fmt::format("{}, less than {}x", so_fast, kWorthIt)};
  if (!(noise <= kMostNoise))
    return {Precision::float32,
            fmt::format("{}, but its rounding is {} of what tells photos apart, more than {:.0f} %", so_fast, so_near, 100 * kMostNoise)};
  return {Precision::bf16, fmt::format("{}, its rounding is {} of what tells photos apart", so_fast, so_near)};
}

std::filesystem::path file_of(const Hash128& key, int threads) {
  return cache_folder() / "precision" / (Hasher().add(cpu_name()).add(std::to_string(threads)).add(key.hex()).finish().hex() + ".json");
}

}  // namespace

double noise_of(std::span<const float> rounded, std::span<const float> exact, std::size_t n) {
  const std::size_t width = exact.size() / n;
  double sum = 0;
  std::size_t telling = 0;
  for (std::size_t j = 0; j < width; ++j) {
    double mean = 0, shift = 0, spread = 0, noise = 0;
    for (std::size_t i = j; i < n * width; i += width) {
      mean += exact[i] / static_cast<double>(n);
      shift += (double{rounded[i]} - double{exact[i]}) / static_cast<double>(n);
    }
    for (std::size_t i = j; i < n * width; i += width) {
      spread += std::pow(double{exact[i]} - mean, 2);
      noise += std::pow(double{rounded[i]} - double{exact[i]} - shift, 2);
    }
    if (!std::isfinite(spread) || !std::isfinite(noise)) return 1;
    if (spread <= 1e-12 * mean * mean) continue;  // the same for all photos
    sum += std::min(1.0, noise / spread);
    ++telling;
  }
  return telling > 0 ? std::sqrt(sum / static_cast<double>(telling)) : 1;
}

std::optional<PrecisionChoice> remembered_precision(const Hash128& key, int threads) {
  if (!has_native_bf16()) return PrecisionChoice{Precision::float32, "this CPU has no native bf16"};
  const std::filesystem::path file = file_of(key, threads);
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return std::nullopt;
  const auto json = nlohmann::json::parse(as_text(read_file(file)), nullptr, false);
  if (!json.is_object() || !json.contains("precision") || !json.contains("reason") || !json["reason"].is_string())
    return std::nullopt;  // damaged: measure again
  return PrecisionChoice{json["precision"] == "bf16" ? Precision::bf16 : Precision::float32, json["reason"].get<std::string>()};
}

ChosenEngine choose_precision(const std::string& onnx, const std::string& name, const Hash128& key, const data::Preprocess& preprocess,
                              const EngineOptions& options, std::span<const uint8_t> rows, std::size_t n) {
  const auto compile = [&](Precision precision, std::size_t batch) {
    return Engine(onnx, name, preprocess, {precision, options.threads, static_cast<int>(batch)});
  };
  const auto whole = static_cast<std::size_t>(options.batch);
  if (auto known = remembered_precision(key, options.threads)) {
    const Precision precision = known->precision;
    return {std::move(*known), compile(precision, whole)};
  }
  if (n < kFewestRows) return {{Precision::float32, "too few photos to compare it with bf16"}, compile(Precision::float32, whole)};
  Engine fast_engine = compile(Precision::bf16, whole), exact_engine = compile(Precision::float32, kTimedRows);
  std::vector<float> fast_out, exact_out;
  seconds_per_row(fast_engine, rows, n, fast_out);  // the first runs allocate
  seconds_per_row(exact_engine, rows, n, exact_out);
  const double noise = noise_of(fast_out, exact_out, n);
  PrecisionChoice choice = decide(speed_of(fast_engine, exact_engine, rows, n), noise);
  try {
    write_file(file_of(key, options.threads), nlohmann::json{{"precision", to_string(choice.precision)}, {"reason", choice.reason}}.dump(2) + "\n");
  } catch (const Error&) {
    // A cache that cannot be written costs time, not the result.
  }
  const bool fast = choice.precision == Precision::bf16;
  return {std::move(choice), fast ? std::move(fast_engine) : compile(Precision::float32, whole)};
}

}  // namespace graft::engine
