// load_weights NETWORK FILE [TIMES]: milliseconds from a weights file to a filled Graph, each time from nothing, and what it takes in memory.
// Every page of every tensor is touched once, so that a mapped file does not look free. One JSON line.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "graft/base/error.h"
#include "graft/models/registry.h"
#include "graft/weights/load.h"
#include "graft/weights/locate.h"

namespace {

using namespace graft;

volatile float touched = 0;

void touch(const graph::Graph& graph) {
  constexpr std::size_t kFloatsOfAPage = 1024;
  float sum = 0;
  for (const graph::Parameter& parameter : graph.parameters)
    for (std::size_t i = 0; i < parameter.tensor.values.size(); i += kFloatsOfAPage) sum += parameter.tensor.values[i];
  touched = sum;
}

template <class Load>
double milliseconds(Load&& load) {
  const auto start = std::chrono::steady_clock::now();
  touch(load());
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Of this program alone: getrusage would begin with the peak of the process that started it.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kibibytes = 0; word == "VmHWM:" && status >> kibibytes) return kibibytes / 1024;
  return 0;
}

int measure(const models::Network& network, const std::string& file, int times) {
  const double before = peak_megabytes();
  std::vector<double> load, checked;
  for (int i = 0; i < times; ++i)
    load.push_back(milliseconds([&] {
      graph::Graph graph = network.backbone->build(1000, network.source->preprocess.crop);
      weights::load(weights::read(file), graph);
      return graph;
    }));
  const double memory = peak_megabytes() - before;
  for (int i = 0; i < times; ++i)
    checked.push_back(milliseconds([&] { return weights::load_pretrained(network, network.source->preprocess.crop, file).graph; }));
  fmt::print("{{\"load_ms\": [{:.2f}], \"with_sha256_ms\": [{:.2f}], \"megabytes\": {:.1f}}}\n", fmt::join(load, ", "), fmt::join(checked, ", "),
             memory);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: load_weights NETWORK FILE [TIMES]\n", stderr);
    return 2;
  }
  try {
    return measure(models::find_network(argv[1]), argv[2], argc > 3 ? std::stoi(argv[3]) : 5);
  } catch (const Error& error) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return error.exit_code();
  }
}
