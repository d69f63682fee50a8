// What formats with many pictures in one file (CIFAR, IDX, .npz) have in common: sizes, labels, names of
// classes. Readers give Pictures whose sizes and labels have been checked; write.h makes a folder of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/archive/content.h"
#include "graft/data/source.h"

namespace graft::convert {

/// Pictures of one size, one record behind the other.
struct Pictures {
  archive::Content content;
  std::optional<data::Part> part;  // empty: the source does not say
  uint64_t begin = 0;              // of the first record
  std::size_t before = 0;          // bytes of a record before its pixels
  int width = 0, height = 0, channels = 1;
  bool planar = false;  // a whole picture of red before that of green
  std::vector<uint16_t> labels;
  std::string labels_name;  // where the labels lie; the subject of errors about them
  std::size_t first = 0;    // pictures of the same part before these

  std::size_t pixels() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels); }
  std::size_t record() const { return before + pixels(); }
};

struct Collection {
  std::string format;                // "CIFAR-10", for people
  std::vector<std::string> classes;  // by label; empty: the source has no names
  std::vector<Pictures> pictures;
};

constexpr uint64_t kMostSide = 8192, kMostPictures = 5'000'000, kMostClasses = 10'000;

/// Error (data) for sides, a number of pictures or a label outside these limits.
void check_sides(const std::string& name, uint64_t width, uint64_t height);
void check_count(const std::string& name, uint64_t pictures);
/// `classes`: how many there are.
void check_label(const std::string& name, int64_t label, std::size_t index, std::size_t classes);

/// "a,b,c" in its parts; Error (usage) named `option` for an empty or repeated one.
std::vector<std::string> names_in(std::string_view text, const std::string& option);

/// Gives the classes the names of --classes (empty: the source's own, else numbers) and compares every label with them. Error for a number of names
/// that is not the source's, names that cannot be folders, labels without a name.
void name_classes(Collection& collection, const std::string& names);

}  // namespace graft::convert
