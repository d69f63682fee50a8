#include "graft/train/graph/conv_algorithms.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <variant>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/isa.h"
#include "graft/graph/builder.h"
#include "graft/train/graph/executor.h"
#include "graft/train/graph/operators.h"
#include "graft/train/train.h"

namespace graft::train {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr double kFaster = 1.1;      // as many times as fast ATen must be
constexpr double kTolerated = 0.05;  // relative difference (RMS) of outputs and gradients: rounding to bf16 makes up to 3 %
constexpr int64_t kPictures = 4;     // at least; more of small ones, whose rows would be too few for all threads
constexpr int64_t kPlaces = 12544;
constexpr int kRounds = 4;  // to be sure of what the first one says against the blocks

/// What both algorithms are tried on: batch norm, the convolution, batch norm.
graph::Graph trial_of(const graph::Conv2d& c, const graph::Dims& input) {
  graph::Graph graph;
  graph::Builder b(graph);
  b.stage("trial");
  b.batch_norm("after", b.conv("point", relu6(b.batch_norm("before", b.input(input))), c));
  return graph;
}

/// Noise that is the same every time.
at::Tensor noise(at::IntArrayRef sizes) {
  int64_t count = 1;
  for (const int64_t size : sizes) count *= size;
  return at::sin(at::arange(count, at::kFloat) * 0.7).view(sizes);
}

struct Tried {
  at::Tensor output, gradient;  // of the convolution's weight
  double seconds = std::numeric_limits<double>::infinity();
};

Tried try_algorithm(const graph::Graph& graph, at::ScalarType storage, const char* algorithm, int64_t pictures, int rounds) {
  Executor executor(graph, storage);
  executor.set_conv_algorithms(every_conv_algorithm(graph, algorithm));
  executor.set_modes({{.trains = true, .batch_norm_live = true}});
  std::size_t weight = 0;
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    const std::string& name = graph.parameters[p].name;
    if (name == "point.weight") weight = p;
    executor.values[p] = name == "point.weight" ? noise(executor.values[p].sizes()) : at::ones_like(executor.values[p]);
  }
  const graph::Dims& from = graph.input_dims();
  const graph::Dims to = graph.output_dims();
  const at::Tensor images = noise({pictures, from[1], from[2], from[0]}), gradient = noise({pictures, to[1], to[2], to[0]});
  Tried tried;
  for (int round = 0; round <= rounds; ++round) {  // the first to warm up
    const auto start = std::chrono::steady_clock::now();
    tried.output = executor.forward(images, {}).at(graph::kLogits);
    executor.backward({{graph::kLogits, gradient}});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (round > 0) tried.seconds = std::min(tried.seconds, seconds);
  }
  tried.gradient = executor.gradients[weight];
  return tried;
}

bool close(const at::Tensor& a, const at::Tensor& b) { return ((a - b).norm() <= kTolerated * b.norm()).item<bool>(); }

const char* faster_algorithm(const graph::Conv2d& c, const graph::Dims& input, at::ScalarType storage, int64_t batch) {
  const int64_t pictures = std::min(batch, std::max(kPictures, kPlaces / (input[1] * input[2])));
  const graph::Graph graph = trial_of(c, input);
  for (const int rounds : {1, kRounds}) {
    const Tried aten = try_algorithm(graph, storage, kAten, pictures, rounds), blocks = try_algorithm(graph, storage, kBlocks, pictures, rounds);
    if (!close(blocks.output, aten.output) || !close(blocks.gradient, aten.gradient)) return kAten;
    if (aten.seconds * kFaster > blocks.seconds) return kBlocks;
  }
  return kAten;
}

fs::path file_of(const TrainConfig& config) {
  Hasher hasher;
  hasher.add(cpu_name());
  for (const auto& [what, value] : machine(config)) hasher.add(what).add(value);
  return config.conv_algorithms / (hasher.finish().hex() + ".json");
}

ConvAlgorithms read_conv_algorithms(const fs::path& file) {
  std::error_code code;
  if (!fs::exists(file, code)) return {};
  const std::vector<std::byte> bytes = read_file(file);
  const Json json = Json::parse(as_text(bytes), nullptr, false);
  ConvAlgorithms algorithms;
  if (json.is_object())
    for (const auto& item : json.items())
      if (item.value() == kBlocks || item.value() == kAten) algorithms[item.key()] = item.value();
  return algorithms;
}

}  // namespace

std::vector<bool> in_blocks(const graph::Graph& graph, at::ScalarType storage, const Compute& compute, const ConvAlgorithms& algorithms) {
  std::vector<bool> blocks(graph.nodes.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto* c = std::get_if<graph::Conv2d>(&graph.nodes[i].op);
    if (c == nullptr || !is_pointwise(*c)) continue;
    const auto algorithm = algorithms.find(describe(graph, i));
    const bool left = algorithm != algorithms.end() && algorithm->second == kAten;
    blocks[i] = !left && compute.has_blocks(storage, graph.nodes[static_cast<std::size_t>(graph.nodes[i].inputs[0])].dims[0], c->out);
  }
  return blocks;
}

ConvAlgorithms every_conv_algorithm(const graph::Graph& graph, const char* algorithm) {
  ConvAlgorithms algorithms;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) algorithms[describe(graph, i)] = algorithm;
  return algorithms;
}

ConvAlgorithms choose_conv_algorithms(const graph::Graph& graph, const TrainConfig& config) {
  if (config.conv_algorithms.empty()) return {};
  const at::ScalarType storage = type_of(config.storage);
  ConvAlgorithms wanted, known;
  bool measured = false;
  const fs::path file = file_of(config);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto* c = std::get_if<graph::Conv2d>(&graph.nodes[i].op);
    if (c == nullptr || !is_pointwise(*c)) continue;
    const graph::Dims& input = graph.nodes[static_cast<std::size_t>(graph.nodes[i].inputs[0])].dims;
    if (!cpu().has_blocks(storage, input[0], c->out)) continue;
    if (wanted.empty()) known = read_conv_algorithms(file);
    const std::string shape = describe(graph, i);
    if (!known.contains(shape)) {
      known[shape] = faster_algorithm(*c, input, storage, config.batch);
      measured = true;
    }
    wanted[shape] = known[shape];
  }
  if (!measured) return wanted;
  try {
    std::error_code code;
    fs::create_directories(config.conv_algorithms, code);
    write_file(file, Json(known).dump(1) + "\n");
  } catch (const Error&) {}  // then the next training measures again
  return wanted;
}

}  // namespace graft::train
