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
constexpr double kTolerated = 0.15;  // EfficientNet-Lite0 has 0.05 to 0.1 on photos, and a probe on its bf16 features is as accurate as on float32

constexpr std::size_t kExactRows = 4;  // float32 is slow and is mostly asked for the comparison

constexpr int kRounds = 5;

double seconds_per_row(Engine& engine, std::span<const uint8_t> rows, std::size_t n, std::vector<float>& out) {
  out.resize(n * engine.width());
  const auto start = std::chrono::steady_clock::now();
  engine.run(rows, n, out);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(n);
}

double relative_difference(std::span<const float> a, std::span<const float> b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double{a[i]} - double{b[i]}, 2);
    size += std::pow(double{b[i]}, 2);
  }
  return size > 0 ? std::sqrt(difference / size) : (difference > 0 ? 1.0 : 0.0);
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
  const std::size_t few = std::min(n, kExactRows);
  Engine fast_engine = compile(Precision::bf16, whole), exact_engine = compile(Precision::float32, few);
  std::vector<float> fast_out, exact_out;
  seconds_per_row(fast_engine, rows, n, fast_out);  // the first runs allocate
  seconds_per_row(exact_engine, rows, few, exact_out);
  const double difference = relative_difference(std::span(fast_out).first(exact_out.size()), exact_out);

  // Photos are being decoded beside this, so a slow run means little: the best of several counts, and bf16 has won as soon as it is ahead.
  double fast = 1e9, exact = 1e9;
  for (int round = 0; round < kRounds && exact < kWorthIt * fast; ++round) {
    exact = std::min(exact, seconds_per_row(exact_engine, rows, few, exact_out));
    fast = std::min(fast, seconds_per_row(fast_engine, rows, n, fast_out));
  }
  const bool wins = exact >= kWorthIt * fast && difference <= kTolerated;
  PrecisionChoice choice{wins ? Precision::bf16 : Precision::float32,
                         fmt::format("bf16 is {:.1f}x as fast as float32 here, its outputs differ by {:.1f} %", exact / fast, 100 * difference)};
  try {
    write_file(file_of(key, options.threads), nlohmann::json{{"precision", to_string(choice.precision)}, {"reason", choice.reason}}.dump(2) + "\n");
  } catch (const Error&) {
    // A cache that cannot be written costs time, not the result.
  }
  return {std::move(choice), wins ? std::move(fast_engine) : compile(Precision::float32, whole)};
}

}  // namespace graft::engine
