// Two networks that the program can join: the real Lite0, and a Lite1 with weights by rule, whose pictures are normalised otherwise.
#pragma once

#include "cli/program.h"
#include "graft/models/registry.h"
#include "graft/weights/file/safetensors.h"
#include "models/rule.h"

namespace graft {

inline constexpr const char* kBoth = "efficientnet_lite0+efficientnet_lite1.in1k";

/// Where the program, run in `folder`, finds what it fetched.
inline void put_joinable_weights(const std::filesystem::path& folder) {
  graph::Graph graph = models::find("efficientnet_lite1").build(models::kImageNetClasses, 64);
  rule::fill(graph);
  std::vector<weights::NamedTensor> tensors;
  for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
  std::filesystem::create_directories(folder / ".cache" / "weights");
  weights::write_safetensors(folder / ".cache" / "weights" / "tf_efficientnet_lite1.in1k.safetensors", tensors, {}, Sync::later);
}

}  // namespace graft
