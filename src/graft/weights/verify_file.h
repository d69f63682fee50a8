// Whether a weights file is complete, valid and what its name says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/weights/load.h"

namespace graft::weights {

struct NonFinite {
  std::string tensor;
  uint64_t nans = 0, infinities = 0;
};

/// The tensors with values that are NaN or infinite, by name.
std::vector<NonFinite> non_finite(const StateDict& dict);

/// The digits of "resnet50-0676ba61.pth", at least 8 of SHA-256 in lower case, as torch.hub names its
/// files; empty when the name has none. Eight digits that read as a date (20250131) do not count.
std::string hash_in_name(std::string_view file_name);

struct FileCheck {
  FileFormat format;
  uint64_t bytes = 0;
  std::size_t tensors = 0;
  std::string sha256;
  std::string published;     // file of the registry's source with this SHA-256; empty: none
  std::string network;       // that source, as models::find_network takes it
  std::string named_hash;    // hash_in_name
  bool name_agrees = false;  // named_hash is the beginning of sha256
  std::vector<NonFinite> non_finite;
};

/// Reads every byte. Error (data) if the structure or the CRC of any entry of a zip archive is wrong; everything else is in the result.
FileCheck verify_file(const std::filesystem::path& path);

}  // namespace graft::weights
