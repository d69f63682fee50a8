// The options that say where the classes, parts and groups of a dataset are found, for `fit`, `eval` and `import`.
#pragma once

#include <optional>
#include <string>

#include "graft/base/config.h"

namespace graft::data {

struct SourceOptions {
  std::optional<std::string> label_from_name, group_from_name;                       // regular expressions (name_pattern.h)
  std::optional<std::string> path_column, label_column, split_column, group_column;  // headers of a table

  /// What tells the class of a photo.
  void label_fields(FieldList& v);
  /// What tells the photos that belong together.
  void group_fields(FieldList& v);
};

}  // namespace graft::data
