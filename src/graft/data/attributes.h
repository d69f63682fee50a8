// What is known about the photos besides their classes, to see whether a model works equally well for all: the sex and age of
// patients, the camera, the background. Not to be confused with the groups of groups.h, which keep photos of one patient together.
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
  std::vector<std::string> attributes;          // the columns to use; without `groups`, columns of the dataset's own table
  int group_size = 20;                          // smaller groups are not compared

  void fields(FieldList& v);
  bool asked() const { return groups.has_value() || !attributes.empty(); }
};

/// The group of each photo, for one attribute.
struct Attribute {
  std::string name;                 // printable
  std::vector<std::string> values;  // the groups, printable; sorted, numbers and ranges by value
  std::vector<int> of;              // of each sample, an index into values
  bool ranges = false;              // ranges that we made from numbers
};

struct Attributes {
  std::string file;                  // printable
  std::vector<Attribute> list;       // as the table has them, at least one
  std::vector<std::string> notes{};  // sentences: which columns were used, and how numbers were divided
};

/// If an attribute has more different numbers than this, they are divided into ranges at their quartiles; more than kMostValues values of other kinds are
/// refused.
inline constexpr std::size_t kMostNumbers = 10, kMostValues = 50;

/// The attributes of these samples of `dataset` (perhaps not all of its photos), from the table that the options name. It needs a header; a path
/// is relative to its folder or to root_of(dataset). Errors (data) as "file:line: ...": a path that is no file, one that comes twice, an empty
/// value; photos without a row; a column that was asked for and is not there, has one value for all photos, or one for nearly each; (usage) for
/// --attributes where there is no table, and for the dataset's own table where --attributes does not say which of its columns are meant.
Attributes read_attributes(const AttributeOptions& options, const std::filesystem::path& dataset, std::span<const Sample> samples,
                           const std::optional<std::string>& path_column = {});

/// The attributes of the samples `which`, in that order.
Attribute of_samples(const Attribute& attribute, std::span<const std::size_t> which);

/// The combined groups of two attributes, such as "f, site A", if they have photos.
Attribute crossed(const Attribute& first, const Attribute& second);

}  // namespace graft::data
