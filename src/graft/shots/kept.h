// What a run of `graft shots` keeps of its labelled photos, RUN/support.safetensors: what the frozen network says of each, and nothing else of it. That is all the
// rules ever look at, so classes come and go later as though all photos were there: the choice of the rule, its shrinkage or penalty and its temperature, too. It is less than the matrix of
// second moments would be (4 bytes a feature and photo against 8 for every two features) up to half as many photos as features twice over.
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

/// By class name, then hash: what comes of the photos does not depend on their names nor on when they came.
void sort(Kept& kept);

void write_kept(const std::filesystem::path& folder, const Kept& kept);

/// `run`: a run folder. Errors (data): no run; one without that file, which `graft fit` does not write; a damaged one.
Kept read_kept(const std::filesystem::path& run);

}  // namespace graft::shots
