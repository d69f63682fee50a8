// Moves files out of a data set and puts them back. Nothing is ever deleted, and no existing file is overwritten.
//
// DIR/graft-doctor.json records what goes where, and is on disk before the first file moves, so a move that was stopped at any moment can be undone.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/doctor/examine.h"

namespace graft::doctor {

inline constexpr const char* kMoveRecord = "graft-doctor.json";

/// What may be moved. Photos under two labels never are: only a person can tell which label is right.
struct Take {
  bool unreadable = true, exact = true;  // files that cannot be read; superfluous copies, the same to the pixel
  bool near = false;                     // superfluous near copies; an estimate, as they may be neighbors in a series
  bool suspects = false;                 // photos whose labels may be wrong
};

/// "unreadable,exact": the words of Take. Error (usage) for another word.
Take take_named(const std::string& words);

struct Move {
  std::filesystem::path from;  // as the user gave it
  std::filesystem::path to;    // below DIR: the path inside the data set, "elsewhere/..." for photos outside of it
  Kind why;
  bool operator==(const Move&) const = default;
};

/// Each photo once, in the order of the photos.
std::vector<Move> moves_of(const Report& report, const Take& take);

/// Before any work. Errors: DIR is a file, is not empty, cannot be written, or is inside or around
/// the data set; (usage) the photos are from a table, whose rows would then name missing files.
void check_move(const std::filesystem::path& data, const std::filesystem::path& dir);

/// Error (data) if a file cannot be moved, Interrupted after Ctrl-C; both say how many were moved, and how to undo it.
void move_away(const std::vector<Move>& moves, const std::filesystem::path& dir);

struct Undone {
  std::size_t back = 0;                // files put back
  std::size_t there = 0;               // files that were never moved, or are already back
  std::vector<std::string> lost = {};  // printable: neither in DIR nor at their place
};

/// Puts everything back and removes the record and the folders that are then empty. Error (data)
/// before any file moves if DIR has no valid record, or if a file is both in DIR and at its old place.
Undone undo(const std::filesystem::path& dir);

}  // namespace graft::doctor
