// Photos by their names in a table of the user.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace graft::data {

/// What the names of a dataset's photos are relative to: the folder, or the one that contains its table.
std::filesystem::path root_of(const std::filesystem::path& dataset);

/// A name in a table is relative to the table's folder or to the dataset's root.
class PhotoPlaces {
 public:
  explicit PhotoPlaces(const std::filesystem::path& dataset) : root_(root_of(dataset)) {}

  /// `place`: what find() gives for it; of photos added twice the first. `suggested`: whether near() may name it.
  void add(const std::filesystem::path& photo, std::ptrdiff_t place, bool suggested = true);
  /// `beside`: the table's folder.
  std::optional<std::ptrdiff_t> find(const std::filesystem::path& beside, const std::string& name) const;
  /// A file of that name, be it one of the photos or not.
  bool is_file(const std::filesystem::path& beside, const std::string& name) const;
  /// "did you mean 'cat/1.jpg'?", or nothing.
  std::string near(const std::string& name) const;

 private:
  std::filesystem::path root_;
  std::unordered_map<std::string, std::ptrdiff_t> of_;
  std::vector<std::string> names_;
};

}  // namespace graft::data
