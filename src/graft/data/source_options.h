// What a user says about where classes, parts and groups of a dataset stand. The list here is options of `fit`, `eval` and `import`.
#pragma once

#include <optional>
#include <string>

#include "graft/base/config.h"

namespace graft::data {

struct SourceOptions {
  std::optional<std::string> label_from_name, group_from_name;                       // regular expressions (name_pattern.h)
  std::optional<std::string> path_column, label_column, split_column, group_column;  // headers of a table

  /// What tells the class of a photo.
  template <class Visitor>
  void label_fields(Visitor& v) {
    v("label-from-name", label_from_name,
      "the class of a photo is the first group of this regular expression in its file's name: '^([a-z]+)' makes cat of cat.0.jpg",
      Placeholder{"REGEX"}, DefaultText{"its folder, or its row"}, OneLine{"take classes from file names: '^([a-z]+)' for cat.0.jpg"});
    v("path-column", path_column, "column of a table that names the photos", Placeholder{"NAME"}, DefaultText{"path, file, image ..."});
    v("label-column", label_column, "column of a table that names their classes", Placeholder{"NAME"}, DefaultText{"label, else class, target ..."});
    v("split-column", split_column, "column of a table that says train, val or test, or whether a photo is for validation", Placeholder{"NAME"},
      DefaultText{"split, else set, is_valid ..."});
  }
  /// What tells the photos that belong together.
  template <class Visitor>
  void group_fields(Visitor& v) {
    v("group-column", group_column,
      "column of a table that says which photos belong together, of one patient or one video: they are never divided between training and "
      "validation; "
      "none: not even by a column called group, patient or subject, or by the patient that a DICOM file names",
      Placeholder{"NAME"}, DefaultText{"group, patient_id, subject ..."},
      OneLine{"column that says which photos belong together, such as a patient"});
    v("group-from-name", group_from_name,
      "photos belong together when the first group of this regular expression in their file's name is the same; "
      "with a / in it, in their path in the data",
      Placeholder{"REGEX"}, DefaultText{"none"}, OneLine{"the same from file names: '^(patient[0-9]+)'"});
  }
};

}  // namespace graft::data
