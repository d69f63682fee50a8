// usage: write_row [NAME FOLDER SIZE]
// Lists the registry, or writes a row of it for pictures of SIZE with the weights by rule: FOLDER/model.onnx,
// weights.safetensors and preprocess.json, for tests that read them with other tools.
#include <filesystem>
#include <iostream>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/models/registry.h"
#include "graft/onnx/write.h"
#include "graft/weights/file/safetensors.h"
#include "models/rule.h"

int main(int argc, char** argv) {
  using namespace graft;
  if (argc == 1) {
    for (const models::Backbone& row : models::all()) std::cout << row.name << '\n';
    return 0;
  }
  if (argc != 4) return 2;
  const std::filesystem::path folder = argv[2];
  try {
    const models::Backbone& row = models::find(argv[1]);
    graph::Graph graph = row.build(1000, std::stoi(argv[3]));
    rule::fill(graph);
    std::vector<weights::NamedTensor> tensors;
    for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
    weights::write_safetensors(folder / "weights.safetensors", tensors, {}, Sync::later);
    write_file(folder / "preprocess.json", data::to_json(row.preprocess()).dump(), Sync::later);
    write_file(folder / "model.onnx", onnx::write(graph), Sync::later);
  } catch (const Error& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
  return 0;
}
