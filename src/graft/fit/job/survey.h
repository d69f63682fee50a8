// Which of the photos can be read, found before any training.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "graft/base/hash.h"
#include "graft/data/loader.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// The photos without the `unreadable` ones, whose numbers count train first and then val.
Photos readable(const data::Splits& splits, const std::vector<std::size_t>& unreadable);

/// Of training and then validation.
std::vector<std::filesystem::path> paths_of(const data::Splits& splits);

/// If some of the photos of `folder` cannot be read: a note if they may be skipped, otherwise Error (data) that names them.
void skip_unreadable(const Job& job, const std::filesystem::path& folder, std::size_t photos, const std::vector<data::Unreadable>& unreadable);
/// The same where there is no job: they may be left out if `skip`.
void skip_unreadable(const Listener& listener, bool skip, const std::filesystem::path& folder, std::size_t photos,
                     const std::vector<data::Unreadable>& unreadable);

/// Leaves photos of `folder` that cannot be read out of `samples`: Error (data) unless they may be skipped.
void keep_readable(const Job& job, const std::filesystem::path& folder, std::vector<data::Sample>& samples, std::vector<data::Unreadable> unreadable);
/// The same, but finds out which these are: decodes all of them.
void keep_readable(Job& job, const std::filesystem::path& folder, std::vector<data::Sample>& samples);

/// Writes photos that cannot be read into `start`, and the `hashes` of the others; with a note if they may
/// be skipped. Error (data) that names them all if not, and for a class or a part of which no photo is left.
void leave_out(const Job& job, const std::vector<data::Unreadable>& unreadable, std::span<const Hash128> hashes, Start& start);

/// Hashes of the bytes of each photo, training first, then validation. Error (data) for one that cannot be read.
std::vector<Hash128> hashes_of(const Photos& photos, ThreadPool& pool);

/// The same of any photos; 0 for one that is no file.
std::vector<Hash128> hashes_of(const std::vector<data::Sample>& samples, ThreadPool& pool);

/// Indices of the photos that are among those of sorted hashes.
std::vector<std::size_t> also_in(std::span<const Hash128> photos, const std::vector<Hash128>& sorted);

/// Reads every photo once and decides on the precision: for a training that does not use the frozen network. Errors as leave_out.
void survey(Job& job, Start& start);

}  // namespace graft::fit
