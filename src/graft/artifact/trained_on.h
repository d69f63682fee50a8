// Which photos a model was trained on, so that answers for these are not mistaken for answers for new photos.
//
// RUN/trained_on.npy: a NumPy array of uint8, (photos, 16), each row the XXH3-128 of a training photo's bytes as `xxhsum -H2` and
// xxhash.xxh3_128_digest give it, ascending, each once. 16 bytes a photo, and neither names nor pictures.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/hash.h"

namespace graft::artifact {

inline constexpr const char* kTrainedOn = "trained_on.npy";

/// The content of the file; sorts the hashes and drops what is there twice.
std::string trained_on_npy(std::vector<Hash128> hashes);

/// Of the file beside a model, a run folder or its model.onnx; ascending. Nothing where there is none. Error (data) when it is damaged.
std::optional<std::vector<Hash128>> read_trained_on(const std::filesystem::path& model);

/// `hashes`, and those of the photos that the model `from`, if there is one, was trained on, as far as its file tells.
std::vector<Hash128> with_earlier(std::vector<Hash128> hashes, const std::optional<std::filesystem::path>& from);

/// How many of the photos were trained on.
std::size_t trained_on_of(std::span<const Hash128> photos, std::span<const Hash128> trained_on);

}  // namespace graft::artifact
