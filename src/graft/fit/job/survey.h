// The photos before any training: which of them can be read.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "graft/data/loader.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Without the `unreadable` ones, which count through train and then val.
Photos readable(const data::Splits& splits, const std::vector<std::size_t>& unreadable);

/// Of training and then validation.
std::vector<std::filesystem::path> paths_of(const data::Splits& splits);

/// A remark of those of so many photos of `folder` that cannot be read, where they may be skipped; else Error (data) that names them. Nothing where all can.
void skip_unreadable(const Job& job, const std::filesystem::path& folder, std::size_t photos, const std::vector<data::Unreadable>& unreadable);

/// Writes photos that cannot be read into `start`, and the `hashes` of the others; with a remark where they may be skipped. Error (data) that names them all where not, and for a
/// class or a part of which none is left.
void leave_out(const Job& job, const std::vector<data::Unreadable>& unreadable, std::span<const Hash128> hashes, Start& start);

/// Of the bytes of each, of training and then validation. Error (data) for one that cannot be read.
std::vector<Hash128> hashes_of(const Photos& photos, ThreadPool& pool);

/// Reads every photo once, and settles the precision: for a training that asks nothing of the frozen network. Errors as leave_out.
void survey(Job& job, Start& start);

}  // namespace graft::fit
