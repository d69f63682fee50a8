// Files of torch.save, without Python: the zip format (torch >= 1.6) and the legacy one before it. No code of a file is run.
#pragma once

#include <filesystem>
#include <string>

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

/// What to do with NumPy arrays, which graft does not read as weights.
inline constexpr const char* kSaveArrays = "save them by name: safetensors.numpy.save_file(arrays, 'weights.safetensors')";

/// True when the bytes begin as torch.save's legacy format does.
bool is_legacy_pth(Bytes bytes);

/// The state dict in the file: the saved dict itself, or what it holds under `key`; where that is empty, under "state_dict", "model" or another key that
/// trainers use, or the only one with tensors. A whole module, also TorchScript's, gives its tensors. Entries that are not tensors are left out. Parameters are read as tensors; views keep their strides and shared storages stay shared. Storages of a zip file
/// are mapped and their CRC is checked, a legacy file's data is read once into memory, aligned (in the file it is not).
/// `notes` get a sentence on which of its weights were taken, where there is a choice. Error (data) tells what is wrong.
StateDict read_pth(const std::filesystem::path& path, std::string_view key = {}, std::vector<std::string>* notes = nullptr);

/// The same of bytes that the caller keeps as long as the StateDict, which owns the storages of a legacy file alone; `name` is the Error's subject.
StateDict read_pth(Bytes file, std::string name, std::string_view key = {}, std::vector<std::string>* notes = nullptr);

}  // namespace graft::weights
