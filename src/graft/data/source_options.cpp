#include "graft/data/source_options.h"

namespace graft::data {

void SourceOptions::label_fields(FieldList& v) {
  v("label-from-name", label_from_name,
    "take the class of a photo from its file name, as the first group of this regular expression: '^([a-z]+)' gives cat for cat.0.jpg",
    Placeholder{"REGEX"}, DefaultText{"its folder, or its row"}, OneLine{"take classes from file names: '^([a-z]+)' for cat.0.jpg"});
  v("path-column", path_column, "column of a table that names the photos", Placeholder{"NAME"}, DefaultText{"path, file, image ..."});
  v("label-column", label_column, "column of a table that names their classes", Placeholder{"NAME"}, DefaultText{"label, else class, target ..."});
  v("split-column", split_column, "column of a table that says train, val or test, or whether a photo is for validation", Placeholder{"NAME"},
    DefaultText{"split, else set, is_valid ..."});
}

void SourceOptions::group_fields(FieldList& v) {
  v("group-column", group_column,
    "column of a table that says which photos belong together, such as those of one patient or one video: they are never divided between training "
    "and validation; none: ignore columns called group, patient or subject, and the patient that a DICOM file names",
    Placeholder{"NAME"}, DefaultText{"group, patient_id, subject ..."}, OneLine{"column that says which photos belong together, such as a patient"});
  v("group-from-name", group_from_name,
    "photos belong together if the first group of this regular expression is the same in their file names; if it contains a /, in their paths within "
    "the data",
    Placeholder{"REGEX"}, DefaultText{"none"}, OneLine{"the same from file names: '^(patient[0-9]+)'"});
}

}  // namespace graft::data
