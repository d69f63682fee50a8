// What is known of the photos besides their classes, to see whether a model serves all alike: the sex and age of patients, the camera, the background.
// Another thing than the group of groups.h, which keeps photos of one patient together.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/data/dataset.h"

namespace graft::data {

struct AttributeOptions {
  std::optional<std::filesystem::path> groups;  // a table of path, attribute ...
  std::vector<std::string> attributes;          // its columns that count; without `groups` columns of the dataset's own table
  int group_size = 20;                          // fewer photos are not compared

  void fields(FieldList& v);
  bool asked() const { return groups.has_value() || !attributes.empty(); }
};

/// Into which group each photo falls by one attribute.
struct Attribute {
  std::string name;                 // printable
  std::vector<std::string> values;  // the groups, printable; sorted, numbers and ranges of them by size
  std::vector<int> of;              // of each sample, an index into values
  bool ranges = false;              // cut by us out of numbers
};

struct Attributes {
  std::string file;                  // printable
  std::vector<Attribute> list;       // as the table has them, at least one
  std::vector<std::string> notes{};  // sentences: which were taken, and how numbers were cut
};

/// Numbers of more different values than this are cut into ranges at their quartiles; other values of more than kMostValues are refused.
inline constexpr std::size_t kMostNumbers = 10, kMostValues = 50;

/// What the table that the options name says of these samples of `dataset`, which may be some of its photos. It needs a header; a path is relative to
/// its folder or to root_of(dataset). Errors (data) as "file:line: ...": a path that is no file, one that comes twice, an empty value; photos without
/// a row; a column that was asked for and is not there, has one value for all photos, or one for nearly each; (usage) for --attributes where there is no
/// table, and for the dataset's own table where --attributes does not say which of its columns are meant.
Attributes read_attributes(const AttributeOptions& options, const std::filesystem::path& dataset, std::span<const Sample> samples,
                           const std::optional<std::string>& path_column = {});

/// Those of the samples `which`, in that order.
Attribute of_samples(const Attribute& attribute, std::span<const std::size_t> which);

/// The groups of two attributes crossed, "f, site A", those that have photos.
Attribute crossed(const Attribute& first, const Attribute& second);

}  // namespace graft::data
