// What a run of `graft shots` keeps of its labeled photos, in RUN/support.safetensors: the frozen network's
// features of each, and nothing else. The rules need nothing more, so classes can be added and removed later as
// if all photos were there, including the choice of the rule, its shrinkage or penalty, and its temperature.
//
// safetensors: "features" (photos, width) float32; in its metadata "graft.shots", JSON: {"classes": [names], "labels": [index into them, of each photo],
// "hashes": [32 hexadecimal digits of XXH3-128 of its file], "rule", "centre", "seed"}.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/base/hash.h"
#include "graft/shots/learn.h"

namespace graft::shots {

inline constexpr const char* kSupportFile = "support.safetensors";

struct Kept {
  Support support;
  std::vector<Hash128> hashes;  // of each photo
  RuleChoice rule = RuleChoice::automatic;
  Centre centre = Centre::none;
  uint64_t seed = 0;
};

/// By class name, then hash, so the result depends neither on the photos' names nor on the order in which they came.
void sort(Kept& kept);

void write_kept(const std::filesystem::path& folder, const Kept& kept);

/// `run`: a run folder. Errors (data): no run; one without that file, which `graft fit` does not write; a damaged one.
Kept read_kept(const std::filesystem::path& run);

}  // namespace graft::shots
