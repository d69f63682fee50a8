// Classes and groups in the names of files: `cat.0.jpg`, `patient12_left.png`.
#pragma once

#include <filesystem>
#include <optional>
#include <regex>
#include <string>

namespace graft::data {

/// The first group of a regular expression (ECMAScript's), searched in the name of a photo's file, or, where the expression has a '/', in its path below
/// the dataset's folder.
class NamePattern {
 public:
  /// Error (usage) of `option` ("--label-from-name") for what is no regular expression or has no group.
  NamePattern(const std::string& text, const std::string& option);
  /// What it finds, printable and in Unicode's normal form; nothing if it does not match or finds an empty text.
  std::optional<std::string> operator()(const std::filesystem::path& root, const std::filesystem::path& photo) const;

 private:
  std::regex pattern_;
  bool whole_path_;
};

}  // namespace graft::data
