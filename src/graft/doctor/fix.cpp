#include "graft/doctor/fix.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/data/scan.h"

namespace graft::doctor {
namespace fs = std::filesystem;
namespace {

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

[[noreturn]] void refuse_over(const fs::path& path) {
  throw data_error(printable(path.string()), "already exists and is not overwritten", "move it out of the way");
}

/// To another file system. A link stays a link.
void copy_over(const fs::path& from, const fs::path& to) {
  if (is_there(to)) refuse_over(to);
  if (fs::is_symlink(from)) {
    fs::copy_symlink(from, to);
  } else {
    write_file(to, read_file(from));
    fs::permissions(to, fs::status(from).permissions());
    fs::last_write_time(to, fs::last_write_time(from));
  }
  fs::remove(from);
}

void move_file(const fs::path& from, const fs::path& to) {
  try {
    fs::create_directories(to.parent_path());
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
    const int code = errno;
    if (code == EEXIST) refuse_over(to);
    if (code == EXDEV) return copy_over(from, to);
    if (code != EINVAL && code != ENOSYS) throw system_error(from, "move", code);
    if (is_there(to)) refuse_over(to);  // a file system that knows no RENAME_NOREPLACE
    if (::rename(from.c_str(), to.c_str()) != 0) throw system_error(from, "move", errno);
  } catch (const fs::filesystem_error& error) {
    throw system_error(from, "move", error.code().value());
  }
}

/// Names of files are bytes, texts of JSON are UTF-8.
nlohmann::ordered_json written(const fs::path& path) {
  if (is_utf8(path.native())) return path.native();
  std::string hex;
  for (const char c : path.native()) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return {{"hex", hex}};
}

fs::path path_in(const nlohmann::ordered_json& json) {
  if (json.is_string()) return json.get<std::string>();
  const std::string hex = json.at("hex");
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

bool is_taken(const Take& take, Kind kind) {
  switch (kind) {
    case Kind::unreadable: return take.unreadable;
    case Kind::exact_leak:
    case Kind::exact_copies: return take.exact;
    case Kind::near_leak:
    case Kind::near_copies: return take.near;
    case Kind::suspicious_label: return take.suspects;
    default: return false;
  }
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

std::string how_to_undo(std::size_t moved, std::size_t all, const fs::path& dir) {
  return fmt::format("{} of {} files are moved; put them back with: graft doctor --undo {}", moved, all, shell_word(dir.string()));
}

struct Record {
  std::vector<std::pair<fs::path, fs::path>> moves;  // where it was (absolute), where it is
};

Record read_record(const fs::path& dir) {
  const fs::path file = data::existing(dir) / kMoveRecord;
  const std::string name = printable(file.string());
  if (!is_there(file)) throw data_error(printable(dir.string()), fmt::format("holds no {}, expected the folder of a --fix move", kMoveRecord));
  const nlohmann::ordered_json json = read_json(file);
  Record record;
  try {
    for (const auto& move : json.at("moves")) {
      const fs::path from = path_in(move.at("from")), to = path_in(move.at("to"));
      if (!from.is_absolute() || to.is_absolute() || std::ranges::find(to, fs::path("..")) != to.end())
        throw data_error(name, "names a file outside of its folder, expected a record of graft doctor --fix move");
      record.moves.emplace_back(from, dir / to);
    }
  } catch (const std::exception& error) {
    if (dynamic_cast<const Error*>(&error) != nullptr) throw;
    throw data_error(name, "is not a record of graft doctor --fix move");
  }
  return record;
}

}  // namespace

Take take_named(const std::string& words) {
  Take take{false, false, false, false};
  for (const std::string& word : split(words, ',')) {
    if (word == "unreadable") take.unreadable = true;
    else if (word == "exact") take.exact = true;
    else if (word == "near") take.near = true;
    else if (word == "suspects") take.suspects = true;
    else throw usage_error("--take " + printable(words), fmt::format("'{}', expected some of unreadable, exact, near and suspects", printable(word)));
  }
  return take;
}

std::vector<Move> moves_of(const Report& report, const Take& take) {
  std::set<std::size_t> disputed, seen;
  for (const Finding& finding : report.findings)
    if (finding.kind == Kind::exact_conflict || finding.kind == Kind::near_conflict) disputed.insert(finding.photos.begin(), finding.photos.end());
  std::vector<std::pair<std::size_t, Kind>> rows;
  for (const Finding& finding : report.findings)
    if (is_taken(take, finding.kind))
      for (const std::size_t row : finding.kind == Kind::suspicious_label ? finding.photos : finding.superfluous)
        if (!disputed.contains(row) && seen.insert(row).second) rows.emplace_back(row, finding.kind);
  std::ranges::sort(rows);
  std::vector<Move> moves;
  for (const auto& [row, why] : rows) {
    const fs::path& from = report.photos[row].sample.path;
    const fs::path inside = data::name_under(report.root, from);
    const bool below = inside.is_relative() && std::ranges::find(inside, fs::path("..")) == inside.end();
    moves.push_back({from, below ? inside : "elsewhere" / fs::weakly_canonical(from).relative_path(), why});
  }
  return moves;
}

void check_move(const fs::path& data, const fs::path& dir) {
  if (dir.empty()) throw usage_error("--fix move", "needs a folder to move files into", "usage: graft doctor DATA --fix move DIR");
  const std::string name = printable(dir.string());
  if (!fs::is_directory(data::existing(data)))
    throw usage_error("--fix move", printable(data.string()) + " is a table, whose rows would then name missing files",
                      "--fix list names the files: remove their rows from the table");
  const fs::path there = fs::weakly_canonical(dir), here = fs::weakly_canonical(data);
  if (is_inside(there, here)) throw data_error(name, "is inside the data set, where its photos would be read again", "choose a folder outside of it");
  if (is_inside(here, there)) throw data_error(name, "holds the data set", "choose another folder");
  if (is_there(dir) && !fs::is_directory(dir)) throw data_error(name, "is a file, expected an empty folder or nothing");
  if (is_there(dir) && !fs::is_empty(dir))
    throw data_error(name, "is not empty, expected an empty folder or nothing",
                     is_there(dir / kMoveRecord) ? "an earlier --fix move is there: --undo puts it back" : "choose another folder");
}

void move_away(const std::vector<Move>& moves, const fs::path& dir) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Move& move : moves) {
    // The link, where it is one, and not what it leads to.
    const fs::path from = fs::weakly_canonical(fs::absolute(move.from).parent_path()) / move.from.filename();
    list.push_back({{"from", written(from)}, {"to", written(move.to)}, {"why", row_of(move.why).name}});
  }
  std::error_code code;
  fs::create_directories(dir, code);
  if (code) throw system_error(dir, "write", code.value());
  write_json(dir / kMoveRecord, {{"made_by", "graft doctor --fix move"}, {"moves", std::move(list)}});
  std::size_t moved = 0;
  for (const Move& move : moves) {
    if (interrupted()) throw Interrupted(how_to_undo(moved, moves.size(), dir));
    try {
      move_file(move.from, dir / move.to);
    } catch (const Error& error) {
      throw data_error(error.subject(), error.fact(), how_to_undo(moved, moves.size(), dir));
    }
    ++moved;
  }
}

Undone undo(const fs::path& dir) {
  const Record record = read_record(dir);
  for (const auto& [from, to] : record.moves)
    if (is_there(to) && is_there(from)) refuse_over(from);
  Undone undone;
  for (const auto& [from, to] : record.moves) {
    if (interrupted()) throw Interrupted(fmt::format("{} files are back; continue with the same command", undone.back));
    if (is_there(to)) {
      move_file(to, from);
      ++undone.back;
    } else if (is_there(from)) {
      ++undone.there;
    } else {
      undone.lost.push_back(printable(from.string()));
    }
  }
  std::error_code ignored;
  fs::remove(dir / kMoveRecord, ignored);
  for (const auto& [from, to] : record.moves)
    for (fs::path folder = to.parent_path(); is_inside(folder, dir); folder = folder.parent_path())
      if (!fs::remove(folder, ignored)) break;  // holds something
  fs::remove(dir, ignored);
  return undone;
}

}  // namespace graft::doctor
